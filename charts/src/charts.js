/**
 * Draws the tables of a page as charts, by Chart.js.
 *
 * A `figure[data-chart]` holds a table: a row for each place on the axis, named by its `th`, and a column for each series,
 * its numbers in `data-value`. The table stays: it is what a screen reader reads, and all that there is without scripts.
 * Colours are the page's own custom properties, so light and dark are the style sheet's business; nothing here writes a
 * style attribute, which the admin's Content-Security-Policy would refuse.
 */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Legend,
  LinearScale,
  Tooltip,
} from "chart.js";

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);

const property = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const texts = (cells) => [...cells].map((cell) => cell.textContent.trim());
const language = document.documentElement.lang;

/** What a table says: `null` where nothing was counted, which leaves a gap. */
function read(table) {
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const rows = [...table.tBodies[0].rows].filter((row) => row.className !== "rest");
  return {
    labels: texts(rows.map((row) => row.cells[0])),
    series: heads
      .map((head, place) => ({
        name: head.textContent.trim(),
        colour: head.dataset.colour,
        values: rows.map((row) => {
          const { value } = row.cells[place + 1].dataset;
          return value ? Number(value) : null;
        }),
      }))
      .filter(({ colour }) => colour),
  };
}

function options({ chart, unit = "" }) {
  const across = chart === "shares";
  const grid = { color: property("line") };
  const ticks = { color: property("muted"), font: { size: 13 } };
  const space = unit && language === "fr" ? "\u202f" : "";
  const told = (value) => `${value.toLocaleString(language)}${space}${unit}`;
  const values = { stacked: chart !== "beside", beginAtZero: true, grid, border: { display: false } };
  values.ticks = { ...ticks, precision: 0, maxTicksLimit: 6, callback: told };
  if (unit === "%") values.max = 100;
  const places = { stacked: values.stacked, grid: { display: false }, ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 16 } };
  return {
    animation: false,
    maintainAspectRatio: false,
    indexAxis: across ? "y" : "x",
    interaction: { mode: "index", intersect: false, axis: across ? "y" : "x" },
    scales: across ? { x: values, y: places } : { x: places, y: values },
    plugins: {
      legend: {
        position: "top",
        align: "start",
        labels: { color: property("ink"), boxWidth: 12, boxHeight: 12, font: { size: 13 } },
      },
      tooltip: { callbacks: { label: ({ dataset, raw }) => `${dataset.label}: ${raw === null ? "–" : told(raw)}` } },
    },
  };
}

function draw(figure) {
  const { labels, series } = read(figure.querySelector("table"));
  const canvas = figure.querySelector("canvas");
  const datasets = series.map(({ name, colour, values }) => ({
    label: name,
    data: values,
    backgroundColor: property(colour),
    borderRadius: 3,
    maxBarThickness: 44,
  }));
  return new Chart(canvas, { type: "bar", data: { labels, datasets }, options: options(figure.dataset) });
}

/** A table of a chart is folded away where it is long; the summary opens it. */
function prepare(figure) {
  const canvas = document.createElement("canvas");
  // The table says the same, and better: to a screen reader the picture is decoration.
  canvas.setAttribute("aria-hidden", "true");
  const place = figure.querySelector(".drawn");
  place.hidden = false;
  place.append(canvas);
  const fold = figure.querySelector("details");
  if (fold) fold.open = false;
}

const figures = [...document.querySelectorAll("figure[data-chart]")];
figures.forEach(prepare);
let drawn = figures.map(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chart of drawn) chart.destroy();
  drawn = figures.map(draw);
});
