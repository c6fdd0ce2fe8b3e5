"use strict";

// What holds at a place is read from the pixels that are seen there: the codes of the pictures'
// own PNGs, which are places in a palette, packed and not filtered.
const answers = (() => {
  const read = new Map();

  function codesOf(picture) {
    if (!read.has(picture)) read.set(picture, unpacked(picture.image));
    return read.get(picture);
  }

  async function unpacked(image) {
    const bytes = Uint8Array.from(atob(image.split(",")[1]), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const made = {};
    const packed = [];
    for (let at = 8; at < bytes.length; at += view.getUint32(at) + 12) {
      const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
      const start = at + 8;
      if (kind === "IHDR") {
        made.columns = view.getUint32(start);
        made.rows = view.getUint32(start + 4);
        made.bits = view.getUint8(start + 8);
      } else if (kind === "IDAT") packed.push(bytes.subarray(start, start + view.getUint32(at)));
    }
    const stream = new Blob(packed).stream().pipeThrough(new DecompressionStream("deflate"));
    made.lines = new Uint8Array(await new Response(stream).arrayBuffer());
    return made;
  }

  // Each line begins with the number of its filter, and has its leftmost pixel in the highest bits.
  function code({ lines, columns, bits }, row, column) {
    const width = 1 + Math.ceil((columns * bits) / 8);
    const bit = column * bits;
    const byte = lines[row * width + 1 + (bit >> 3)];
    return (byte >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
  }

  // An image is stretched evenly in Web Mercator.
  async function codeAt(picture, place) {
    const [[south, west], [north, east]] = picture.bounds;
    const corner = L.CRS.EPSG3857.project(L.latLng(north, west));
    const far = L.CRS.EPSG3857.project(L.latLng(south, east));
    const at = L.CRS.EPSG3857.project(place);
    const codes = await codesOf(picture);
    const column = Math.floor(((at.x - corner.x) / (far.x - corner.x)) * codes.columns);
    const row = Math.floor(((at.y - corner.y) / (far.y - corner.y)) * codes.rows);
    const inside = column >= 0 && column < codes.columns && row >= 0 && row < codes.rows;
    return inside ? code(codes, row, column) : 0;
  }

  function swatch(colour) {
    const box = drawn("svg", { class: "swatch", viewBox: "0 0 22 14", "aria-hidden": "true" });
    const look = { x: 0.5, y: 0.5, width: 21, height: 13, fill: colour, stroke: "#6b7f92" };
    box.append(drawn("rect", look));
    return box;
  }

  // A cell's answer is its label in the legend, and its sentences are the reasons.
  async function answer(picture, place, words) {
    const { says, sentences, looks } = picture.answers;
    const found = await codeAt(picture, place);
    const said = (says[found] || []).map((n) => sentences[n]);
    if (!said.length) said.push(words.not_looked_at);
    const [colour, label] = looks[found] || [undefined, said.shift()];
    return { titles: [picture.title], label, said, colour };
  }

  function content({ titles, label, said, colour }) {
    const made = element("div", undefined, "answer");
    made.append(...titles.map((title) => element("p", title, "popup-layer")));
    const verdict = element("p", undefined, "verdict");
    if (colour) verdict.append(swatch(colour));
    verdict.append(element("span", label));
    made.append(verdict);
    if (said.length) {
      const list = element("ul");
      list.append(...said.map((sentence) => element("li", sentence)));
      made.append(list);
    }
    return made;
  }

  // What all pictures that can be asked say of a place, in their order; those that follow one
  // another and say the same say it once.
  async function of(pictures, place, words) {
    if (!window.DecompressionStream) return [element("p", words.old_browser)];
    const asked = pictures.filter((picture) => picture.answers);
    const found = await Promise.all(asked.map((picture) => answer(picture, place, words)));
    const kept = [];
    for (const each of found) {
      const last = kept[kept.length - 1];
      const isSame = last && last.label === each.label && `${last.said}` === `${each.said}`;
      if (isSame) last.titles.push(...each.titles);
      else kept.push(each);
    }
    return kept.map(content);
  }

  // Any place can be asked for: by a click or a tap where no feature answers, and the middle of the
  // map, which is marked while keys move it, by Enter.
  function listen(map, ask) {
    const container = map.getContainer();
    const crosshair = element("div", undefined, "crosshair");
    crosshair.setAttribute("aria-hidden", "true");
    container.append(crosshair);
    map.on("click", (event) => {
      if (!event.originalEvent.isAnswered) ask(event.latlng);
    });
    for (const kind of ["keydown", "keyup", "pointerdown"]) {
      const isKey = kind !== "pointerdown";
      container.addEventListener(kind, () => container.classList.toggle("keyed", isKey), true);
    }
    container.addEventListener("keydown", async (event) => {
      if (event.key.startsWith("Arrow")) map.closePopup();
      if (event.key !== "Enter" || event.target !== container) return;
      event.preventDefault();
      await ask(map.getCenter());
      const said = container.querySelector(".leaflet-popup-content");
      document.querySelector(".heard").textContent = said ? said.innerText : "";
    });
  }

  // Large pictures take a while to be unpacked, which is done before anybody asks.
  function prepare(pictures) {
    if (!window.DecompressionStream) return;
    const idle = window.requestIdleCallback || setTimeout;
    pictures.filter((p) => p.answers).forEach((picture) => idle(() => codesOf(picture)));
  }

  return { listen, of, prepare };
})();
