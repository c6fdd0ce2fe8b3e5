"use strict";

// Draws the page's data on the map that Folium made. Text from data becomes text nodes only.
const jxgis = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const SCALE = 1e6;

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
      fill: drawing.role !== "lines",
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

  // Many points are dots in the whole city, and discs that a finger can hit in a street.
  function pointStyle(map, count) {
    const least = Math.max(1.1, Math.min(4, 60 / Math.sqrt(count)));
    const radius = Math.max(least, Math.min(6, (map.getZoom() - 9.6) * 0.68));
    return { radius, stroke: radius > 3 };
  }

  function pointLayers(drawing, look, map, renderer) {
    const common = { ...style(drawing, look), ...pointStyle(map, drawing.points.length / 2), renderer };
    return places(drawing.points).map((place) => L.circleMarker(place, common));
  }

  function shapeLayers(drawing, look, renderer) {
    const make = drawing.role === "lines" ? L.polyline : L.polygon;
    const shapes = drawing.shapes || data.drawings[drawing.shapes_of].shapes;
    return shapes.map((parts, index) => {
      const rings = parts.map((part) => part.map(places));
      const options = { ...style(drawing, look, index), renderer };
      return make(drawing.role === "lines" ? rings.flat() : rings, options);
    });
  }

  function labels(drawing) {
    return places(drawing.zones.places).map((place, index) => {
      const content = element("div", drawing.zones.names[index]);
      if (drawing.zones.shares[index]) content.append(element("span", drawing.zones.shares[index]));
      const options = { permanent: true, direction: "center", className: "zone-label" };
      return L.tooltip({ ...options, interactive: false }).setLatLng(place).setContent(content);
    });
  }

  // A label shows where its zone has room for it and no larger zone's label stands already.
  function thin(map, group) {
    const taken = [];
    group.labels
      .map((label, index) => ({ label, bounds: group.shapes[index].getBounds() }))
      .map((item) => ({ ...item, room: room(map, item.bounds) }))
      .sort((a, b) => b.room.x * b.room.y - a.room.x * a.room.y)
      .forEach(({ label, room: size }) => {
        const box = label.getElement().getBoundingClientRect();
        const free = taken.every(
          (o) => box.right < o.left || box.left > o.right || box.bottom < o.top || box.top > o.bottom
        );
        const shown = free && size.x > box.width * 0.75 && size.y > box.height;
        if (shown) taken.push(box);
        label.getElement().classList.toggle("hidden", !shown);
      });
  }

  function room(map, bounds) {
    const corner = map.latLngToContainerPoint(bounds.getSouthEast());
    return corner.subtract(map.latLngToContainerPoint(bounds.getNorthWest()));
  }

  function group(drawing, map, renderer) {
    const look = data.looks[drawing.role];
    const isPoints = drawing.role === "points";
    const shapes = isPoints
      ? pointLayers(drawing, look, map, renderer)
      : shapeLayers(drawing, look, renderer);
    const made = L.featureGroup(shapes);
    if (drawing.rows.length) {
      shapes.forEach((shape, index) => { shape.row = index; });
      made.on("click", (event) => {
        L.popup({ maxWidth: 320 })
          .setLatLng(isPoints ? event.layer.getLatLng() : event.latlng)
          .setContent(popup(drawing, event.layer.row))
          .openOn(map);
      });
    }
    return { drawing, made, shapes, labels: drawing.zones ? labels(drawing) : [] };
  }

  // Where the legend lies over the map, what is looked at stands beside it.
  function fit(map, bounds) {
    const legend = document.querySelector(".legend");
    const over = getComputedStyle(legend).position === "absolute" && legend.open;
    const right = over ? legend.offsetWidth + 28 : 16;
    map.fitBounds(bounds, { paddingTopLeft: [16, 16], paddingBottomRight: [right, 16] });
  }

  function draw(map) {
    if (data.bounds) fit(map, data.bounds);
    const renderer = L.canvas({ padding: 0.3, tolerance: 4 });
    const groups = data.drawings.map((drawing) => group(drawing, map, renderer));
    furnish(map);

    function refresh() {
      for (const g of groups) if (g.labels.length && map.hasLayer(g.made)) thin(map, g);
    }

    function show(index, on) {
      const g = groups[index];
      if (on === map.hasLayer(g.made)) return;
      for (const layer of [g.made, ...g.labels]) {
        if (on) layer.addTo(map);
        else layer.remove();
      }
      const legend = document.querySelector(`[data-legend="${index}"]`);
      if (legend) legend.hidden = !on;
      if (on) groups.slice(index + 1).forEach((o) => map.hasLayer(o.made) && o.made.bringToFront());
      refresh();
    }

    map.on("zoomend", () => {
      for (const g of groups) {
        if (!g.drawing.points) continue;
        const now = pointStyle(map, g.shapes.length);
        g.shapes.forEach((shape) => shape.setStyle(now).setRadius(now.radius));
      }
    });
    map.on("zoomend moveend resize", refresh);
    groups.forEach((g, index) => show(index, g.drawing.shown));
    switches(groups, show);
    zoneButtons(map, groups);
  }

  function switches(groups, show) {
    for (const input of document.querySelectorAll("input[data-drawing]")) {
      input.checked = input.defaultChecked;
      input.addEventListener("change", () => {
        if (input.type === "checkbox") show(Number(input.dataset.drawing), input.checked);
        else choose(groups, show, input.dataset.drawing);
      });
    }
  }

  // The number at the end of a drawing's name: covered_500 goes with zones_500.
  function variant(drawing) {
    return (drawing.name.match(/_(\d+)$/) || [])[1];
  }

  // Shading the zones by another number brings along the drawings of that number.
  function choose(groups, show, choice) {
    const wanted = choice === "none" ? undefined : variant(groups[Number(choice)].drawing);
    groups.forEach((g, index) => {
      const own = variant(g.drawing);
      if (g.drawing.zones) show(index, String(index) === choice);
      else if (wanted && own) {
        show(index, own === wanted);
        document.querySelector(`input[data-drawing="${index}"]`).checked = own === wanted;
      }
    });
  }

  // The zone's name in the table takes the map to the zone, so that no mouse is needed.
  function zoneButtons(map, groups) {
    const zones = groups.filter((g) => g.drawing.zones);
    for (const button of document.querySelectorAll("button[data-zone]")) {
      button.addEventListener("click", () => {
        const g = zones.find((z) => map.hasLayer(z.made)) || zones[0];
        const index = g.drawing.zones.ids.indexOf(button.dataset.zone);
        if (index < 0) return;
        fit(map, g.shapes[index].getBounds());
        map.getContainer().scrollIntoView({ block: "nearest" });
        if (!g.drawing.rows.length) return;
        const place = places(g.drawing.zones.places)[index];
        L.popup({ maxWidth: 320, autoPan: false })
          .setLatLng(place)
          .setContent(popup(g.drawing, index))
          .openOn(map);
      });
    }
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
