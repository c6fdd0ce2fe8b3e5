"use strict";

// Undo the differences of sketch(): whole millionths of a degree to [latitude, longitude].
function places(differences) {
  const scale = 1e6;
  const found = [];
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < differences.length; i += 2) {
    lon += differences[i];
    lat += differences[i + 1];
    found.push([lat / scale, lon / scale]);
  }
  return found;
}

// Text from data becomes text nodes only.
function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function drawn(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
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
