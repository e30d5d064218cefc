// Runs before anything is painted: the theme, and what the server calls on every page.
const pellucid = {
  // The theme that was chosen; without, the system's.
  theme: localStorage.getItem("pellucid-theme"),
  show() {
    document.documentElement.style.colorScheme = this.theme ?? "light dark";
  },
  dark() {
    return this.theme ? this.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  },
  turn() {
    this.theme = this.dark() ? "light" : "dark";
    localStorage.setItem("pellucid-theme", this.theme);
    this.show();
    window.Quasar?.Dark.set(this.dark());
    window.dispatchEvent(new Event("pellucid-theme"));
  },
  // Browsers allow few changes of the address a second: the last one of a burst counts.
  address(url, picture) {
    clearTimeout(this.later);
    this.later = setTimeout(() => history.replaceState(history.state, "", url), 200);
    for (const link of document.querySelectorAll("a[data-room]")) {
      link.href = `${link.dataset.room}?${new URLSearchParams({ picture })}`;
    }
  },
};
pellucid.show();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  window.dispatchEvent(new Event("pellucid-theme")),
);
document.addEventListener("DOMContentLoaded", () => {
  // On a phone the list of rooms scrolls: the one that is open is seen.
  const [list, here] = [document.querySelector(".top nav"), document.querySelector("a[aria-current]")];
  if (here) list.scrollLeft = here.offsetLeft - list.offsetLeft - (list.clientWidth - here.clientWidth) / 2;
  if (pellucid.theme) setTimeout(() => window.Quasar?.Dark.set(pellucid.dark()));
});
