"use strict";

// The look of a drawing's row: that of its group, or nothing where it has none.
function groupOf(drawing, index) {
  const group = drawing.groups.of[index];
  return group === null ? {} : drawing.groups.looks[group];
}

// A point in the colour and the shape of its group. It is hit as the disc is that it would be.
function sitedMarker(place, common, look) {
  const fillColor = look.fill || common.fillColor;
  const corners = look.corners || [];
  if (!corners.length) return L.circleMarker(place, { ...common, fillColor });
  return new Sited(place, { ...common, fillColor, corners });
}

const Sited = L.CircleMarker.extend({
  _updatePath() {
    const canvas = this._renderer;
    if (!canvas._drawing || this._empty()) return;
    const { x, y } = this._point;
    const pen = canvas._ctx;
    pen.beginPath();
    for (const [right, down] of this.options.corners) {
      pen.lineTo(x + right * this._radius, y + down * this._radius);
    }
    pen.closePath();
    canvas._fillStroke(pen, this);
  },
});
