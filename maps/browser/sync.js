/* Two maps side by side look at the same place: what Folium's DualMap asks of a map, without a file of another host. */
(function () {
  "use strict";

  L.Map.include({
    sync: function (other) {
      var one = this;
      this.on("move zoomend", function () {
        if (one.shuangbeiFollows) return;
        other.shuangbeiFollows = true;
        other.setView(one.getCenter(), one.getZoom(), { animate: false });
        other.shuangbeiFollows = false;
      });
    }
  });
})();
