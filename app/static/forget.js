// The answers have arrived: what this device kept of them is removed.
const wave = document.querySelector("[data-wave]").dataset.wave;
for (const name of Object.keys(localStorage)) {
  if (name.startsWith(`minyi/${wave}/`)) localStorage.removeItem(name);
}
