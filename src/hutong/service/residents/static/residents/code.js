// The code of a letter comes behind the # of its address, which no server sees. It is put into the field; for somebody
// who has to sign in first it is kept in this tab until they are back.
const KEPT = "hutong-letter";
const given = decodeURIComponent(location.hash.slice(1));
if (/^[a-z0-9-]{8,24}$/i.test(given)) {
  sessionStorage.setItem(KEPT, given);
  history.replaceState(null, "", location.pathname);
}
const field = document.querySelector("#id_code");
const kept = sessionStorage.getItem(KEPT);
if (field && kept && !field.value) {
  field.value = kept;
  sessionStorage.removeItem(KEPT);
}
