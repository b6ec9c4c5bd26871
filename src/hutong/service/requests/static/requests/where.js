// Offers the reader's own position where the browser can tell it; nothing is asked until the button is pressed.
const here = document.getElementById("here");
if (navigator.geolocation && window.isSecureContext) {
  here.hidden = false;
  here.addEventListener("click", () => {
    here.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { location.search = `?lon=${coords.longitude.toFixed(6)}&lat=${coords.latitude.toFixed(6)}`; },
      () => { here.disabled = false; },
      { maximumAge: 60000, timeout: 10000 },
    );
  });
}
