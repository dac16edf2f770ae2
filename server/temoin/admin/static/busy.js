// What takes seconds says so, and is not sent twice.
for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button:not([type=button])");
    const words = document.createElement("p");
    words.className = "busy";
    words.setAttribute("role", "status");
    words.textContent = form.dataset.busy;
    form.append(words);
    button.setAttribute("aria-disabled", "true");
    form.addEventListener("submit", (event) => event.preventDefault());
  });
}
