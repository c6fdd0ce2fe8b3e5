"use strict";

// Rasters lie over what is filled and under every outline, in their order. Each is an image that
// keeps the edges of its cells when it is enlarged.
function drawPictures(map, pictures) {
  map.createPane("pictures").style.zIndex = 360;
  pictures.forEach((picture, index) => {
    const options = { pane: "pictures", className: "picture", alt: picture.title, zIndex: index };
    const made = L.imageOverlay(picture.image, picture.bounds, options);
    const input = document.querySelector(`input[data-picture="${index}"]`);
    const codes = document.querySelector(`[data-codes="${index}"]`);
    const refresh = () => {
      if (input.checked) made.addTo(map);
      else made.remove();
      codes.hidden = !input.checked;
    };
    input.checked = input.defaultChecked;
    input.addEventListener("change", refresh);
    refresh();
  });
}
