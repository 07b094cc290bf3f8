// A form is sent once: a second press while the first is on its way does nothing.
for (const form of document.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("button");
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    else if (!event.defaultPrevented) {
      form.dataset.sent = "yes";
      button.setAttribute("aria-disabled", "true");
    }
  });
  // The page may come back from the browser's memory, or the network may have failed.
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    button.removeAttribute("aria-disabled");
  });
}
