// Draws the page's data on the map that Folium made.
const jxgis = (() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const CLOSE = 16;
  const CONTROLS = { x: 120, y: 150 };
  const GROUND = ["zones", "area"];
  const isAsked = data.pictures.some((picture) => picture.answers);
  let asked = 0;

  function style(drawing, own, index) {
    const look = drawing.next && drawing.next[index] ? data.looks.runner_up : own;
    let fill = look.hatched ? hatch(look.fill) : look.fill;
    if (drawing.zones && drawing.zones.colours.length) {
      const shade = drawing.zones.classes[index];
      fill = shade === null ? data.unknown : drawing.zones.colours[shade];
    }
    return {
      stroke: look.width > 0,
      color: look.line,
      weight: look.width,
      dashArray: look.dashes || null,
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
        event.originalEvent.isAnswered = true;
        ask(map, place, popup(drawing, event.layer.row), GROUND.includes(drawing.role));
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
    const { x: width } = map.getSize();
    const narrow = width < 600;
    L.popup({
      maxWidth: Math.min(320, width - 56),
      autoPanPaddingTopLeft: narrow ? [8, CONTROLS.y] : [CONTROLS.x, 8],
      autoPanPaddingBottomRight: [covered() + 8, 8],
    })
      .setLatLng(place)
      .setContent(content)
      .openOn(map)
      .getElement()
      .querySelector(".leaflet-popup-close-button")
      .setAttribute("aria-label", data.words.close);
  }

  // Say what holds at a place, and what is known of a feature there: of whole areas after it, of
  // anything else before it.
  async function ask(map, place, feature, isWhole) {
    const mine = ++asked;
    if (!isAsked) return say(map, place, feature);
    const parts = await answers.of(data.pictures, place, data.words);
    if (mine !== asked) return undefined;
    if (feature) parts.splice(isWhole ? parts.length : 0, 0, feature);
    const content = element("div", undefined, "answers");
    content.append(...parts);
    return say(map, place, content);
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
    if (isAsked) answers.listen(map, (place) => ask(map, place));
    answers.prepare(data.pictures);
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
      const arrow = drawn("svg", { viewBox: "0 0 14 16" });
      arrow.append(drawn("path", { d: "M7 1 L12 15 L7 11.5 L2 15 Z" }));
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
