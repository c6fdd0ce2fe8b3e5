// Draws the page's data on the map that Folium made. Text from data becomes text nodes only.
const jxgis = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const SCALE = 1e6;
  const FEW = 40;
  const STREETS = 13;
  const CLOSE = 16;
  const SMALL = 5;
  const CONTROLS = { x: 120, y: 150 };
  const GROUND = ["zones", "area"];
  const NUMBERED = ["proposed", "sited"];

  // Undo the differences of sketch(): whole millionths of a degree to [latitude, longitude].
  function places(differences) {
    const found = [];
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < differences.length; i += 2) {
      lon += differences[i];
      lat += differences[i + 1];
      found.push([lat / SCALE, lon / SCALE]);
    }
    return found;
  }

  function element(tag, text, className) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  // A fill that Leaflet's canvas takes in place of a colour.
  function hatch(colour) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.lineWidth = 1.4;
    pen.beginPath();
    for (const x of [-8, 0, 8]) {
      pen.moveTo(x - 1, 9);
      pen.lineTo(x + 9, -1);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
  }

  function style(drawing, look, index) {
    let fill = look.hatched ? hatch(look.fill) : look.fill;
    if (drawing.zones && drawing.zones.colours.length) {
      const shade = drawing.zones.classes[index];
      fill = shade === null ? data.unknown : drawing.zones.colours[shade];
    }
    return {
      stroke: look.width > 0,
      color: look.line,
      weight: look.width,
      fill: look.kind !== "line",
      fillColor: fill,
      fillOpacity: look.opacity,
      interactive: drawing.rows.length > 0,
      smoothFactor: 0.6,
    };
  }

  function popup(drawing, index) {
    const content = element("div");
    // A zone says its own name; what it is shaded by is in its list.
    if (drawing.role !== "zones") content.append(element("p", drawing.title, "popup-layer"));
    const list = element("dl");
    drawing.fields.forEach((title, column) => {
      list.append(element("dt", title), element("dd", drawing.rows[index][column]));
    });
    content.append(list);
    return content;
  }

  // Many points are dots in the whole city, and discs that a finger can hit in a street. What is
  // proposed is large enough for its number, in the whole city only where there are few.
  function pointStyle(map, drawing) {
    const count = drawing.points.length / 2;
    if (NUMBERED.includes(drawing.role)) {
      return { radius: count <= FEW || map.getZoom() >= STREETS ? 9.5 : SMALL, stroke: true };
    }
    const least = Math.max(1.1, Math.min(4, 60 / Math.sqrt(count)));
    const radius = Math.max(least, Math.min(6, (map.getZoom() - 9.6) * 0.68));
    return { radius, stroke: radius > 3 };
  }

  function pointLayers(drawing, look, map, renderer) {
    const common = { ...style(drawing, look), ...pointStyle(map, drawing), renderer };
    return places(drawing.points).map((place, index) =>
      drawing.groups
        ? sitedMarker(place, common, groupOf(drawing, index))
        : L.circleMarker(place, common)
    );
  }

  function shapeLayers(drawing, look, renderer) {
    const isLine = look.kind === "line";
    const make = isLine ? L.polyline : L.polygon;
    const shapes = drawing.shapes || data.drawings[drawing.shapes_of].shapes;
    return shapes.map((parts, index) => {
      const rings = parts.map((part) => part.map(places));
      const options = { ...style(drawing, look, index), renderer };
      return make(isLine ? rings.flat() : rings, options);
    });
  }

  function labels(drawing) {
    if (NUMBERED.includes(drawing.role)) return numbers(drawing);
    if (!drawing.zones) return [];
    return places(drawing.zones.places).map((place, index) => {
      const content = element("div", drawing.zones.names[index]);
      if (drawing.zones.shares[index]) content.append(element("span", drawing.zones.shares[index]));
      const options = { permanent: true, direction: "center", className: "zone-label" };
      return L.tooltip({ ...options, interactive: false }).setLatLng(place).setContent(content);
    });
  }

  // What is proposed has its number in its first column; what is sited is numbered by its row.
  function numbers(drawing) {
    const said = drawing.numbers || drawing.rows.map((row) => row[0]);
    const found = places(drawing.points);
    return said.map((number, index) => {
      const isLight = drawing.groups && groupOf(drawing, index).ink === "#ffffff";
      const className = `number-label${isLight ? " light" : ""}`;
      const options = { permanent: true, direction: "center", className, interactive: false };
      return L.tooltip(options).setLatLng(found[index]).setContent(element("span", number));
    });
  }

  // A label shows where no other one stands already: in the city the zones' come first, the
  // larger zone before the smaller, and in the streets the numbers of points, the topmost first.
  function thin(map, groups) {
    const taken = [];
    const numbered = [];
    const first = map.getZoom() >= STREETS ? 1 : -1;
    [...groups]
      .sort((a, b) => {
        const zones = Boolean(a.drawing.zones) - Boolean(b.drawing.zones);
        return first * zones || b.drawing.order - a.drawing.order;
      })
      .forEach((g) => {
        if (g.drawing.zones) thinZones(map, g, taken);
        else thinNumbers(map, g, taken, numbered);
      });
    // No small point lies over a number; the topmost drawing stays on top.
    numbered.reverse().forEach((shape) => shape.bringToFront());
  }

  function place(label, box, taken, fits) {
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
        const box = label.getElement().getBoundingClientRect();
        place(label, box, taken, size.x > box.width * 0.75 && size.y > box.height);
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
      const shown = place(label, box, taken, radius > SMALL);
      group.shapes[index].setRadius(shown ? radius : SMALL);
      if (shown) numbered.push(group.shapes[index]);
    });
  }

  function room(map, bounds) {
    const corner = map.latLngToContainerPoint(bounds.getSouthEast());
    return corner.subtract(map.latLngToContainerPoint(bounds.getNorthWest()));
  }

  // What is whole areas is filled under the pictures and outlined over them.
  function isGround(drawing) {
    return data.pictures.length > 0 && GROUND.includes(drawing.role);
  }

  function fills(drawing, map) {
    if (!isGround(drawing)) return [];
    if (!map.getPane("ground")) {
      map.createPane("ground").style.zIndex = 340;
      map.groundRenderer = L.canvas({ padding: 0.3, pane: "ground" });
    }
    const made = shapeLayers(drawing, data.looks[drawing.role], map.groundRenderer);
    made.forEach((shape) => shape.setStyle({ stroke: false, interactive: false }));
    return [L.featureGroup(made)];
  }

  function group(drawing, map, renderer) {
    const look = data.looks[drawing.role];
    const isPoints = look.kind === "point";
    const shapes = isPoints
      ? pointLayers(drawing, look, map, renderer)
      : shapeLayers(drawing, look, renderer);
    if (isGround(drawing)) shapes.forEach((shape) => shape.setStyle({ fillOpacity: 0 }));
    const made = L.featureGroup(shapes);
    if (drawing.rows.length) {
      shapes.forEach((shape, index) => { shape.row = index; });
      made.on("click", (event) => {
        const place = isPoints ? event.layer.getLatLng() : event.latlng;
        say(map, place, popup(drawing, event.layer.row));
      });
    }
    return { drawing, made, shapes, fills: fills(drawing, map), labels: labels(drawing) };
  }

  // The width of the map that the legend lies over.
  function covered() {
    const legend = document.querySelector(".legend");
    const over = getComputedStyle(legend).position === "absolute" && legend.open;
    return over ? legend.offsetWidth + 12 : 0;
  }

  // Where the legend lies over the map, what is looked at stands beside it.
  function fit(map, bounds, options) {
    const padding = { paddingTopLeft: [16, 16], paddingBottomRight: [covered() + 16, 16] };
    map.fitBounds(bounds, { ...padding, ...options });
  }

  // A pop-up stands beside the map's controls, or under them where the map is narrow.
  function say(map, place, content) {
    const narrow = map.getSize().x < 600;
    L.popup({
      maxWidth: 320,
      autoPanPaddingTopLeft: narrow ? [8, CONTROLS.y] : [CONTROLS.x, 8],
      autoPanPaddingBottomRight: [covered() + 8, 8],
    })
      .setLatLng(place)
      .setContent(content)
      .openOn(map);
  }

  function draw(map) {
    if (data.bounds) fit(map, data.bounds);
    const renderer = L.canvas({ padding: 0.3, tolerance: 4 });
    const groups = data.drawings.map((drawing) => group(drawing, map, renderer));
    furnish(map);

    function refresh() {
      thin(map, groups.filter((g) => g.labels.length && map.hasLayer(g.made)));
    }

    function show(index, on) {
      const g = groups[index];
      if (on === map.hasLayer(g.made)) return;
      for (const layer of [g.made, ...g.fills, ...g.labels]) {
        if (on) layer.addTo(map);
        else layer.remove();
      }
      const legend = document.querySelector(`[data-legend="${index}"]`);
      if (legend) legend.hidden = !on;
      for (const over of on ? groups.slice(index + 1) : []) {
        if (map.hasLayer(over.made)) [over.made, ...over.fills].forEach((o) => o.bringToFront());
      }
      refresh();
    }

    map.on("zoomend", () => {
      for (const g of groups) {
        if (!g.drawing.points || g.labels.length) continue;
        const now = pointStyle(map, g.drawing);
        g.shapes.forEach((shape) => shape.setStyle(now).setRadius(now.radius));
      }
    });
    map.on("zoomend moveend resize", refresh);
    groups.forEach((g, index) => show(index, g.drawing.shown));
    switches(map, groups, show);
    drawPictures(map, data.pictures);
    zoneButtons(map, groups);
    featureButtons(map, groups, show);
  }

  function switches(map, groups, show) {
    for (const input of document.querySelectorAll("input[data-drawing]")) {
      input.checked = input.defaultChecked;
      input.addEventListener("change", () => {
        if (input.type === "checkbox") show(Number(input.dataset.drawing), input.checked);
        else choose(map, groups, show, input.dataset.drawing);
      });
    }
  }

  // The name of a drawing without the number at its end, and the number: covered_500 goes with
  // zones_500, and is for it what covered_300 is for zones_300.
  function variant(drawing) {
    const [, stem, number] = drawing.name.match(/^(.*)_(\d+)$/) || [];
    return { stem, number };
  }

  // Shading the zones by another number shows of that number what is shown of the one before.
  function choose(map, groups, show, choice) {
    const wanted = choice === "none" ? undefined : variant(groups[Number(choice)].drawing).number;
    const own = groups.map((g) => variant(g.drawing));
    const on = new Set(own.filter((_, i) => map.hasLayer(groups[i].made)).map((v) => v.stem));
    const there = new Set(own.filter((v) => v.number === wanted).map((v) => v.stem));
    groups.forEach((g, index) => {
      const { stem, number } = own[index];
      if (g.drawing.zones) show(index, String(index) === choice);
      else if (wanted && number && there.has(stem)) {
        const now = number === wanted && on.has(stem);
        show(index, now);
        document.querySelector(`input[data-drawing="${index}"]`).checked = now;
      }
    });
  }

  // The zone's name in the table takes the map to the zone, so that no mouse is needed.
  function zoneButtons(map, groups) {
    const zones = groups.filter((g) => g.drawing.zones);
    for (const button of document.querySelectorAll("button[data-zone]")) {
      button.addEventListener("click", () => {
        const g = zones.find((z) => map.hasLayer(z.made)) || zones[0];
        visit(map, g, g.drawing.zones.ids.indexOf(button.dataset.zone));
      });
    }
  }

  // The number of a table's row takes the map to what the row is of, and switches it on.
  function featureButtons(map, groups, show) {
    for (const button of document.querySelectorAll("button[data-feature]")) {
      button.addEventListener("click", () => {
        const index = Number(button.dataset.drawing);
        const input = document.querySelector(`input[data-drawing="${index}"]`);
        if (input && !input.checked) input.click();
        else show(index, true);
        visit(map, groups[index], Number(button.dataset.feature));
      });
    }
  }

  // Take the map to one of a drawing's features and say what is known of it.
  function visit(map, g, index) {
    const shape = g.shapes[index];
    if (!shape) return;
    const own = g.drawing.zones ? g.drawing.zones.places : g.drawing.places;
    const bounds = shape.getBounds
      ? shape.getBounds()
      : L.latLngBounds([shape.getLatLng(), shape.getLatLng()]);
    const target = own ? places(own)[index] : bounds.getCenter();
    const around = g.drawing.zones ? bounds : bounds.pad(0.5);
    map.getContainer().scrollIntoView({ block: "nearest" });
    fit(map, around, { maxZoom: CLOSE, animate: false });
    if (!g.drawing.rows.length) return;
    say(map, target, popup(g.drawing, index));
  }

  function furnish(map) {
    const { words } = data;
    map.getContainer().setAttribute("role", "region");
    map.getContainer().setAttribute("aria-label", words.map);
    L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
    const north = L.control({ position: "topleft" });
    north.onAdd = () => {
      const box = element("div", undefined, "north");
      box.setAttribute("aria-hidden", "true");
      const arrow = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      arrow.setAttribute("viewBox", "0 0 14 16");
      const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
      shape.setAttribute("d", "M7 1 L12 15 L7 11.5 L2 15 Z");
      arrow.append(shape);
      box.append(arrow, "N");
      return box;
    };
    north.addTo(map);
    // Not at the bottom, where a long list of sources would lie over it.
    L.control.scale({ imperial: false, maxWidth: 120, position: "topleft" }).addTo(map);
    const credit = element("span", data.credit);
    map.attributionControl.setPrefix('<a href="https://leafletjs.com">Leaflet</a>');
    if (data.credit) map.attributionControl.addAttribution(credit.innerHTML);
  }

  return { draw };
})();
