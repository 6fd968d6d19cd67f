"use strict";
// Sorts a table by the column whose heading is pressed, and hides the rows that a word is not in. Touches nothing else.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const value = (row, column) => {
    const text = row.cells[column] ? row.cells[column].textContent.trim() : "";
    const number = Number.parseFloat(text.replace("\u2212", "-"));
    return [Number.isNaN(number) ? -Infinity : number, text];
  };
  [...[...table.tHead.rows].at(-1).cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    const numbers = heading.classList.contains("number");
    button.addEventListener("click", () => {
      const down = heading.ariaSort ? heading.ariaSort === "ascending" : numbers;
      for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
      heading.ariaSort = down ? "descending" : "ascending";
      const rows = [...body.rows].map((row) => [value(row, column), row]);
      rows.sort(([a], [b]) => (numbers ? a[0] - b[0] : a[1].localeCompare(b[1], undefined, { numeric: true })) * (down ? -1 : 1));
      body.append(...rows.map(([, row]) => row));
    });
  });
}
for (const listing of document.querySelectorAll(".listing")) {
  const label = document.createElement("label");
  label.className = "search";
  label.append("Search");
  const input = document.createElement("input");
  input.type = "search";
  label.append(input);
  listing.querySelector(".table").before(label);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of listing.querySelectorAll("tbody tr")) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
}
