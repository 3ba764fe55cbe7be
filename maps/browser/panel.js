/* The panel of layers with their legend, and the map's furniture: zoom, scale, stamp, the mark of invented data. */
(function () {
  "use strict";

  var node = window.shuangbei.node;
  var NARROW = 640;
  var PANEL_WIDTH = 284;
  var LOOK_AT = /^#parcel=(.+)$/;

  function swatch(key) {
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    var size = Math.max(18, (key.size || 0) * 2 + 4);
    var round = key.form === "circle" || key.form === "ring";
    var width = round ? size : 22;
    var height = round ? size : 16;
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("aria-hidden", "true");
    var dash = key.dashed ? "4 3" : "none";
    function add(tag, attributes) {
      var made = document.createElementNS("http://www.w3.org/2000/svg", tag);
      Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
      svg.appendChild(made);
    }
    if (key.form === "line") {
      add("line", { x1: 1, y1: 8, x2: 21, y2: 8, stroke: key.colour, "stroke-width": Math.min(key.size || 3, 5), "stroke-dasharray": dash });
    } else if (round) {
      var ring = key.form === "ring";
      add("circle", {
        cx: width / 2, cy: height / 2, r: key.size || 5, fill: ring ? "#fff" : key.colour,
        stroke: ring ? key.colour : "#fff", "stroke-width": 1.5, "stroke-dasharray": dash
      });
    } else {
      add("rect", {
        x: key.form === "square" ? 7 : 1.5, y: key.form === "square" ? 4 : 2, width: key.form === "square" ? 8 : 19,
        height: key.form === "square" ? 8 : 12, rx: 1.5, fill: key.colour, stroke: key.border || "#b9b4a6",
        "stroke-width": 1, "stroke-dasharray": dash
      });
    }
    return svg;
  }

  function legend(keys) {
    var list = node("ul", "sb-keys");
    keys.forEach(function (key) {
      var item = node("li");
      item.appendChild(swatch(key));
      item.appendChild(node("span", null, key.text));
      list.appendChild(item);
    });
    return list;
  }

  function row(map, given, layer) {
    var box = node("div", "sb-layer");
    var head = node("label");
    var tick = node("input");
    tick.type = "checkbox";
    tick.checked = map.hasLayer(layer);
    head.appendChild(tick);
    var alone = given.key.length === 1;
    if (alone) head.appendChild(swatch(given.key[0]));
    head.appendChild(node("span", null, given.name));
    box.appendChild(head);
    var keys = alone ? null : legend(given.key);
    if (keys && given.key.length) {
      keys.hidden = !tick.checked;
      box.appendChild(keys);
    }
    tick.addEventListener("change", function () {
      if (tick.checked) layer.addTo(map); else map.removeLayer(layer);
      if (keys) keys.hidden = !tick.checked;
    });
    return box;
  }

  /* Which rule the map shows; on a server, links to the maps of the others. */
  function rules(given) {
    var box = node("nav", "sb-rules");
    box.setAttribute("aria-label", given.label);
    box.appendChild(node("p", null, given.label));
    given.all.forEach(function (one) {
      if (one.current || !window.shuangbei.served()) {
        if (one.current) box.appendChild(node("strong", null, one.title));
        return;
      }
      var asked = new URLSearchParams(location.search);
      asked.set("rule", one.name);
      var link = node("a", null, one.title);
      link.href = location.pathname + "?" + asked.toString() + location.hash;
      box.appendChild(link);
    });
    return box;
  }

  function panel(map, content, layers) {
    var Panel = L.Control.extend({
      options: { position: "topright" },
      onAdd: function () {
        var box = node("details", "sb-panel");
        box.open = !content.folded && map.getSize().x > NARROW && !LOOK_AT.test(location.hash);
        box.appendChild(node("summary", null, content.title));
        var body = node("div", "sb-body");
        if (content.rules.all.length > 1) body.appendChild(rules(content.rules));
        var groups = {};
        content.layers.forEach(function (given, index) {
          if (!groups[given.group]) {
            groups[given.group] = node("fieldset");
            groups[given.group].appendChild(node("legend", null, given.group));
            body.appendChild(groups[given.group]);
          }
          groups[given.group].appendChild(row(map, given, layers[index]));
        });
        content.notes.forEach(function (text) { body.appendChild(node("p", "sb-note", text)); });
        box.appendChild(body);
        L.DomEvent.disableClickPropagation(box);
        L.DomEvent.disableScrollPropagation(box);
        return box;
      }
    });
    new Panel().addTo(map);
  }

  function furniture(map, content) {
    map.attributionControl.setPrefix(false);
    L.control.zoom({ position: "topleft", zoomInTitle: content.zoomIn, zoomOutTitle: content.zoomOut }).addTo(map);
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 120 }).addTo(map);
    if (content.stamp) map.attributionControl.addAttribution(escaped(content.stamp));
    if (content.view) {
      var beside = !content.folded && map.getSize().x > NARROW ? PANEL_WIDTH : 16;
      map.fitBounds(content.view, { paddingTopLeft: [28, 60], paddingBottomRight: [beside, 28], animate: false });
    }
    map.whenReady(function () { lookAt(map, content.colour); });
    if (!content.mark) return;
    var mark = node("div", "sb-synthetic");
    mark.appendChild(node("strong", null, content.mark[0]));
    mark.appendChild(node("span", null, content.mark[1]));
    map.getContainer().appendChild(mark);
    var water = node("div", "sb-watermark");
    water.setAttribute("aria-hidden", "true");
    for (var i = 0; i < 24; i += 1) water.appendChild(node("span", null, content.mark[2]));
    map.getContainer().appendChild(water);
  }

  /* #parcel=CODE, as a parcel's page asks: go there and draw its outline. */
  function lookAt(map, colour) {
    var match = LOOK_AT.exec(location.hash);
    if (!match) return;
    var key = "parcels/" + decodeURIComponent(match[1]);
    var found = null;
    map.eachLayer(function (layer) {
      if (layer.feature && layer.feature.properties.k === key) found = layer;
    });
    if (!found || !found.getBounds) return;
    map.fitBounds(found.getBounds(), { maxZoom: 17, animate: false });
    map.createPane("looked-at").style.zIndex = 470;
    L.geoJSON(found.feature.geometry, {
      pane: "looked-at", interactive: false, style: { color: colour, weight: 4, fill: false }
    }).addTo(map);
  }

  /* Leaflet's attribution takes HTML. */
  function escaped(text) {
    return node("span", null, text).innerHTML;
  }

  window.shuangbei.panel = panel;
  window.shuangbei.furniture = furniture;
})();
