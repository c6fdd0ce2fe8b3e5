"use strict";

// Many points are dots in the whole city, and discs that a finger can hit in a street. What is
// proposed is large enough for its number, in the whole city only where there are few.
const NUMBERED = ["proposed", "sited"];
const FEW = 40;
const STREETS = 13;
const SMALL = 5;

function pointStyle(map, drawing) {
  const count = drawing.points.length / 2;
  if (NUMBERED.includes(drawing.role)) {
    return { radius: count <= FEW || map.getZoom() >= STREETS ? 9.5 : SMALL, stroke: true };
  }
  const least = Math.max(1.1, Math.min(4, 60 / Math.sqrt(count)));
  const radius = Math.max(least, Math.min(6, (map.getZoom() - 9.6) * 0.68));
  return { radius, stroke: radius > 3 };
}

function labels(drawing) {
  if (NUMBERED.includes(drawing.role)) return numbers(drawing);
  if (drawing.role === "best") return plates(drawing);
  if (!drawing.zones) return [];
  return places(drawing.zones.places).map((place, index) => {
    const content = element("div", drawing.zones.names[index]);
    if (drawing.zones.shares[index]) content.append(element("span", drawing.zones.shares[index]));
    return label(place, content, "zone-label");
  });
}

function label(place, content, className) {
  const options = { permanent: true, direction: "center", className, interactive: false };
  return L.tooltip(options).setLatLng(place).setContent(content);
}

// What is proposed has its number in its first column; what is sited is numbered by its row.
function numbers(drawing) {
  const said = drawing.numbers || drawing.rows.map((row) => row[0]);
  const found = places(drawing.points);
  return said.map((number, index) => {
    const isLight = drawing.groups && groupOf(drawing, index).ink === "#ffffff";
    const className = `number-label${isLight ? " light" : ""}`;
    return label(found[index], element("span", number), className);
  });
}

// An area that is numbered has its number, its first column, on a plate.
function plates(drawing) {
  const found = places(drawing.places);
  return drawing.rows.map((row, index) =>
    label(found[index], element("span", row[0]), "plate-label")
  );
}

// A label shows where no other one stands already: plates come first, then in the city the
// zones', the larger zone before the smaller, and in the streets the numbers of points, the
// topmost first.
function thin(map, groups) {
  const taken = [];
  const numbered = [];
  const first = map.getZoom() >= STREETS ? 1 : -1;
  const isPlate = (g) => g.drawing.role === "best";
  [...groups]
    .sort((a, b) => {
      const zones = Boolean(a.drawing.zones) - Boolean(b.drawing.zones);
      return isPlate(b) - isPlate(a) || first * zones || b.drawing.order - a.drawing.order;
    })
    .forEach((g) => {
      if (g.drawing.zones) thinZones(map, g, taken);
      else if (isPlate(g)) thinPlates(g, taken);
      else thinNumbers(map, g, taken, numbered);
    });
  // No small point lies over a number; the topmost drawing stays on top.
  numbered.reverse().forEach((shape) => shape.bringToFront());
}

// The best come before what comes next.
function thinPlates({ drawing, labels }, taken) {
  const next = drawing.next || [];
  labels
    .map((label, index) => ({ label, order: Number(next[index] || false) }))
    .sort((a, b) => a.order - b.order)
    .forEach(({ label }) => stand(label, boxOf(label), taken, true));
}

function boxOf(label) {
  return label.getElement().getBoundingClientRect();
}

function stand(label, box, taken, fits) {
  const free = taken.every(
    (o) => box.right < o.left || box.left > o.right || box.bottom < o.top || box.top > o.bottom
  );
  const shown = free && fits;
  if (shown) taken.push(box);
  label.getElement().classList.toggle("hidden", !shown);
  return shown;
}

// A zone's label needs room inside its zone.
function thinZones(map, group, taken) {
  group.labels
    .map((label, index) => ({ label, size: room(map, group.shapes[index].getBounds()) }))
    .sort((a, b) => b.size.x * b.size.y - a.size.x * a.size.y)
    .forEach(({ label, size }) => {
      const box = boxOf(label);
      stand(label, box, taken, size.x > box.width * 0.75 && size.y > box.height);
    });
}

// A point is as large as its number, or small where there is no room for the number.
function thinNumbers(map, group, taken, numbered) {
  const { radius } = pointStyle(map, group.drawing);
  const frame = map.getContainer().getBoundingClientRect();
  group.labels.forEach((label, index) => {
    const at = map.latLngToContainerPoint(label.getLatLng());
    const [x, y] = [at.x + frame.left, at.y + frame.top];
    const box = { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
    const shown = stand(label, box, taken, radius > SMALL);
    group.shapes[index].setRadius(shown ? radius : SMALL);
    if (shown) numbered.push(group.shapes[index]);
  });
}

function room(map, bounds) {
  const corner = map.latLngToContainerPoint(bounds.getSouthEast());
  return corner.subtract(map.latLngToContainerPoint(bounds.getNorthWest()));
}
