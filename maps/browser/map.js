/* Draws what maps/parts.py hands over.  Values are put on the page as text nodes only, never as HTML. */
(function () {
  "use strict";

  var stores = {};

  function node(tag, className, text) {
    var made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  }

  /* Leaflet finds its marker picture by the address of its style sheet; in a page that carries everything there is none. */
  function iconsInsidePage() {
    var probe = node("div", "leaflet-default-icon-path");
    document.body.appendChild(probe);
    var match = /url\("?(data:[^")]+)"?\)/.exec(getComputedStyle(probe).backgroundImage);
    probe.remove();
    if (match) L.Icon.Default.mergeOptions({ iconUrl: match[1], iconRetinaUrl: match[1], shadowUrl: match[1], shadowSize: [0, 0] });
  }

  function details(kind, content) {
    stores[kind] = content;
  }

  function popup(key) {
    var cut = key.indexOf("/");
    var kind = key.slice(0, cut);
    var code = key.slice(cut + 1);
    var store = stores[kind];
    var row = store && store.rows[code];
    if (!row) return null;
    var box = node("article", "sb-popup");
    var head = node("header");
    head.appendChild(node("h2", null, row.h));
    if (row.n) head.appendChild(node("p", "sb-sub", row.n));
    if (row.b) head.appendChild(node("span", "sb-badge sb-" + row.b[0], row.b[1]));
    box.appendChild(head);
    var list = node("dl");
    store.fields.forEach(function (name, index) {
      var value = row.v[index];
      list.appendChild(node("dt", null, name));
      list.appendChild(value === null ? node("dd", "sb-unknown", store.words.unknown) : node("dd", null, value));
    });
    box.appendChild(list);
    if (row.w !== undefined) box.appendChild(told(store.words.procedure, [store.ways[row.w]]));
    if (row.f) box.appendChild(told(store.words.flags, row.f.map(function (place) { return store.flags[place]; })));
    if (row.x && row.x.length) box.appendChild(reasons(row.x, store));
    if (kind === "parcels" && served()) {
      var link = node("a", "sb-open", store.words.detail + " →");
      link.href = "/parcels/" + encodeURIComponent(code);
      link.target = "_top";
      box.appendChild(link);
    }
    return box;
  }

  /* Lines that have a title and a procedure each. */
  function told(heading, lines) {
    var part = node("section");
    part.appendChild(node("h3", null, heading));
    lines.forEach(function (one) {
      part.appendChild(node("p", "sb-way", one.t));
      if (one.p) part.appendChild(node("p", "sb-ground", one.p));
    });
    return part;
  }

  function reasons(rows, store) {
    var part = node("section");
    part.appendChild(node("h3", null, store.words.reasons));
    var list = node("ul");
    rows.forEach(function (one) {
      var condition = store.conditions[one[0]];
      var item = node("li", "sb-" + one[1]);
      item.appendChild(node("span", "sb-mark", store.words.outcomes[one[1]] || "?"));
      var text = node("div");
      var line = node("p");
      line.appendChild(node("b", null, condition.t));
      line.appendChild(node("span", null, one[2]));
      text.appendChild(line);
      var small = store.words.threshold + " " + condition.l;
      if (condition.g) small += " · " + store.words.ground + " " + condition.g;
      text.appendChild(node("p", "sb-ground", small));
      item.appendChild(text);
      list.appendChild(item);
    });
    part.appendChild(list);
    return part;
  }

  /* A saved file or a notebook has no pages to link to. */
  function served() {
    return /^https?:$/.test(location.protocol) && /\/maps\//.test(location.pathname);
  }

  function pane(map, name, order) {
    if (!map.getPane(name)) map.createPane(name).style.zIndex = order;
    return name;
  }

  function shapes(map, options, features) {
    pane(map, options.pane, options.order);
    var renderer = options.canvas ? L.canvas({ pane: options.pane, tolerance: 2 }) : undefined;
    var group = L.geoJSON({ type: "FeatureCollection", features: features }, {
      pane: options.pane,
      renderer: renderer,
      interactive: options.interactive,
      style: function (feature) { return options.styles[feature.properties.s]; },
      pointToLayer: function (feature, place) {
        return L.circleMarker(place, { radius: feature.properties.r || 5, pane: options.pane });
      },
      onEachFeature: function (feature, layer) { dress(map, feature.properties, layer, options); }
    });
    /* The layer's own labels before those of its parts: of two that would lie on each other the first stays. */
    [false, true].forEach(function (parts) {
      features.forEach(function (feature) {
        var given = feature.properties;
        if (!given.l || !given.at || Boolean(given.c) !== parts) return;
        var named = "sb-label sb-" + options.labelClass + (parts ? " sb-" + given.c : "");
        L.tooltip({ permanent: true, direction: parts ? "center" : "top", className: named })
          .setLatLng(given.at).setContent(node("span", null, given.l)).addTo(group);
      });
    });
    finerFromAfar(map);
    if (options.labelClass) showLabelsFrom(map, options.labelClass, options.labelZoom);
    return group;
  }

  function dress(map, given, layer, options) {
    if (given.l && !given.at) {
      layer.bindTooltip(node("span", null, given.l), {
        permanent: true, direction: given.r ? "right" : "center", offset: given.r ? [6, 0] : [0, 0],
        className: "sb-label sb-" + options.labelClass
      });
    } else if (given.t) {
      layer.bindTooltip(node("span", null, given.t), { sticky: true, className: "sb-tip" });
    }
    if (given.k) {
      layer.bindPopup(function () { return popup(given.k) || node("p", null, given.t || given.l || ""); }, room(map));
    }
  }

  /* From afar, outlines as thick as close by would hide what they enclose; map.css draws them thinner. */
  function finerFromAfar(map) {
    if (map.shuangbeiFiner) return;
    map.shuangbeiFiner = true;
    function update() {
      map.getContainer().classList.toggle("sb-far", map.getZoom() < 15.5);
    }
    map.on("zoomend", update);
    map.whenReady(update);
  }

  function room(map) {
    var size = map.getSize();
    var width = Math.min(360, size.x - 60);
    return {
      maxWidth: width, minWidth: Math.min(260, width), maxHeight: Math.max(200, Math.min(460, size.y - 140)),
      autoPanPaddingTopLeft: [12, 48], autoPanPaddingBottomRight: [12, 12]
    };
  }

  function showLabelsFrom(map, labelClass, zoom) {
    var waiting = false;
    function update() {
      map.getContainer().classList.toggle("sb-hide-" + labelClass, map.getZoom() < zoom);
      // Leaflet places labels after the zoom; only then can it be seen which would lie on each other.
      if (waiting) return;
      waiting = true;
      requestAnimationFrame(function () {
        waiting = false;
        thinOut(map, labelClass);
      });
    }
    map.on("zoomend layeradd layerremove", update);
    map.whenReady(update);
  }

  /* Of labels that would lie on each other the first stays: layers bring the largest first. */
  function thinOut(map, labelClass) {
    var kept = [];
    map.getContainer().querySelectorAll(".sb-" + labelClass).forEach(function (label) {
      var box = label.getBoundingClientRect();
      var free = kept.every(function (other) {
        return box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom;
      });
      label.classList.toggle("sb-crowded", !free);
      if (free) kept.push(box);
    });
  }

  window.shuangbei = { details: details, node: node, shapes: shapes, served: served };
  document.addEventListener("DOMContentLoaded", iconsInsidePage);
})();
