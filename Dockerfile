# Stage 1 installs the pinned dependencies; stage 2 runs, not as root, without compilers or caches.
FROM python:3.11-slim AS build
WORKDIR /srv/minyi
RUN python -m venv /srv/venv
COPY .ci/requirements/run.txt .ci/requirements/run.txt
RUN /srv/venv/bin/pip install --no-cache-dir --require-hashes -r .ci/requirements/run.txt
COPY pyproject.toml README.md LICENSE alembic.ini ./
COPY app app
COPY migrations migrations
COPY survey_definitions survey_definitions
COPY examples examples
RUN /srv/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && /srv/venv/bin/python -m compileall -q app migrations

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/minyi minyi
COPY --from=build /srv /srv
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MINYI_DATABASE_URL=sqlite:////var/lib/minyi/minyi.db \
    MINYI_SECRET_KEY_FILE=/var/lib/minyi/secret.key \
    MINYI_LOG_FORMAT=json
WORKDIR /var/lib/minyi
USER minyi
VOLUME /var/lib/minyi
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["minyi"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
