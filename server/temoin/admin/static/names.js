// Countries and languages by their names in the reader's language; without this file, by their codes.
const language = document.documentElement.lang;
const named = { country: "region", language: "language" };

for (const cell of document.querySelectorAll("th[data-name]")) {
  const words = cell.querySelector("span");
  try {
    const name = new Intl.DisplayNames(language, { type: named[cell.dataset.name] }).of(words.textContent);
    words.textContent = name;
  } catch {
    // no code: "(other)"
  }
}
