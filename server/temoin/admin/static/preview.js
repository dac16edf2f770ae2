// The preview follows the form: each change asks for the banner anew, from what stands in the fields, saved or not.
const theme = document.getElementById("theme");
const view = document.getElementById("view");
const frames = [...document.querySelectorAll("iframe[data-preview]")];

for (const picker of document.querySelectorAll("input[type=color][data-for]")) {
  const field = document.getElementById(picker.dataset.for);
  picker.hidden = false;
  picker.addEventListener("input", () => {
    field.value = picker.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  field.addEventListener("input", () => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value.toLowerCase();
  });
}

function show() {
  const wanted = new URLSearchParams(new FormData(theme));
  wanted.delete("draft");
  for (const [name, value] of new FormData(view)) wanted.set(name, value);
  for (const frame of frames) frame.src = `${frame.dataset.preview}?${wanted}`;
}

let waiting = 0;
theme.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, 150);
});
view.addEventListener("change", show);
view.querySelector("button").hidden = true;

// What was set before this file arrived, or what the browser filled in again.
const written = (form) => String(new URLSearchParams(new FormData(form)));
function changed(form) {
  const served = form.cloneNode(true);
  served.reset();
  return written(served) !== written(form);
}
if (changed(theme) || changed(view)) show();
