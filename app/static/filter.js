// Narrows a long list of departments to those whose name contains what is typed.
const box = document.querySelector("[data-filter]");
if (box) {
  const input = box.querySelector("input");
  const output = box.querySelector("output");
  const choices = [...document.querySelectorAll("details .choice")];
  box.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let count = 0;
    for (const choice of choices) {
      const fits = choice.textContent.toLowerCase().includes(wanted);
      choice.hidden = !fits;
      count += fits;
    }
    for (const group of document.querySelectorAll("details.group")) {
      group.hidden = !group.querySelector(".choice:not([hidden])");
      if (wanted) group.open = true;
    }
    output.textContent = wanted ? box.dataset.filter.replace("{count}", count) : "";
  });
  // Enter in the search box must not send the form.
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}
