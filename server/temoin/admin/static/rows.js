// One more row in a table of fields. Without this file each page brings two spare rows.
for (const table of document.querySelectorAll("table[data-rows]")) {
  const body = table.tBodies[0];
  const more = document.createElement("button");
  more.type = "button";
  more.className = "quiet small";
  more.textContent = table.dataset.rows;
  more.addEventListener("click", () => {
    const row = body.rows[body.rows.length - 1].cloneNode(true);
    for (const field of row.querySelectorAll("input")) {
      field.value = "";
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/\d+/, body.rows.length + 1));
    }
    body.append(row);
    row.querySelector("input").focus();
  });
  table.after(more);
}
