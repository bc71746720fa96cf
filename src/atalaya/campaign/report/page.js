// Comfort only: the page says everything without it. A click on a head of the list of sites sorts it; J and K
// go to the next and the last site.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const value = (row, column) => {
    const shown = row.cells[column].textContent.trim();
    const number = parseFloat(shown.replace(/[^0-9.-]/g, " ").trim());
    return [Number.isNaN(number) ? 0 : number, shown];
  };
  Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
    const button = document.createElement("button");
    button.append(...head.childNodes);
    head.append(button);
    let up = false;
    button.addEventListener("click", () => {
      up = !up;
      const rows = Array.from(body.rows);
      rows.sort((one, other) => {
        const a = value(one, column), b = value(other, column);
        const order = a[0] - b[0] || a[1].localeCompare(b[1]);
        return up ? order : -order;
      });
      body.append(...rows);
      for (const each of table.tHead.rows[0].cells) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
    });
  });
}
const sites = Array.from(document.querySelectorAll("article.site"));
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const step = { j: 1, k: -1 }[event.key];
  if (step === undefined) return;
  const above = sites.filter((each) => Math.sign(each.getBoundingClientRect().top - 20) !== 1);
  const at = above.length - 1;
  const next = sites[Math.max(0, Math.min(sites.length - 1, at + step))];
  if (next) next.scrollIntoView();
});
