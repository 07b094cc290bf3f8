"""What pages draw of a release, for citizens and staff alike: positions and texts, no markup.

axis: values → positions · numbers: how figures are written
indices, distributions, representation, trends: one plot each
overview, profile: a release as a whole · one department of it

A plot is a list of rows. Each row is one line of a page with a small SVG whose coordinates are
percentages, so that it is as wide as the page leaves room for while type keeps its size: forty
rows can be read on a phone, in large type, and on paper.
"""
