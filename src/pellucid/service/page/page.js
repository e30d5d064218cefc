"use strict";

const find = (name) => document.getElementById(name);
const state = find("state"), answers = find("answers"), drop = find("drop"), file = find("file");
let token = "", model = null, waiting = [];

function say(sentence, bad = false) {
  state.textContent = sentence;
  state.classList.toggle("bad", bad);
}

/** Ask the service; what is wrong becomes an Error with its sentence. */
async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch {
    throw new Error("The service does not answer: is it still running?");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({ detail: response.statusText }));
  if (response.status === 401) lock();
  throw new Error(problem.detail);
}

function lock() {
  find("locked").hidden = false;
  find("token").focus();
}

async function introduce() {
  const response = await ask("v1/model");
  model = await response.json();
  const { name } = model.card.architecture;
  find("about").textContent =
    `Network ${name}, ${model.classes.length} classes. Pictures stay on the machine that serves this page.`;
}

async function classify(files) {
  const pictures = [...files].slice(0, model ? model.limits.files : 1);
  if (!pictures.length) return;
  waiting = pictures;
  say(pictures.length === 1 ? `Looking at ${pictures[0].name} …` : `Looking at ${pictures.length} pictures …`);
  const form = new FormData();
  for (const picture of pictures) form.append("files", picture);
  try {
    const response = await ask("v1/predict?top=5", { method: "POST", body: form });
    const { predictions } = await response.json();
    answers.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
    answers.replaceChildren(...predictions.map((answer, index) => drawn(answer, pictures[index])));
    const good = predictions.filter((answer) => !answer.error);
    say(good.length === 1 ? `${good[0].label}, ${percent(good[0].probability)}` : `${good.length} of ${predictions.length} pictures classified.`);
    waiting = [];
  } catch (error) {
    say(error.message, true);
  }
}

const percent = (value) => `${(100 * value).toFixed(1)}%`;

function drawn(answer, picture) {
  const article = find("answer").content.firstElementChild.cloneNode(true);
  article.querySelector("h2").textContent = picture.name;
  if (answer.error) {
    const sentence = document.createElement("p");
    sentence.className = "error";
    sentence.textContent = answer.error.detail;
    article.replaceChildren(article.querySelector("h2"), sentence);
    return article;
  }
  const given = article.querySelector(".given");
  given.src = URL.createObjectURL(picture);
  given.alt = picture.name;
  article.querySelector("tbody").append(...answer.top.map(row));
  const button = article.querySelector("button");
  button.addEventListener("click", () => explain(article, answer, picture, button));
  return article;
}

function row({ label, probability }) {
  const line = document.createElement("tr");
  const name = document.createElement("th");
  name.scope = "row";
  name.textContent = label;
  const bar = document.createElement("progress");
  bar.value = probability;
  bar.setAttribute("aria-hidden", "true");
  name.append(bar);
  const value = document.createElement("td");
  value.textContent = percent(probability);
  line.append(name, value);
  return line;
}

async function explain(article, answer, picture, button) {
  button.disabled = true;
  say(`Finding out what speaks for ${answer.label} …`);
  try {
    const query = new URLSearchParams({ class: answer.label });
    const body = { method: "POST", body: picture, headers: { "Content-Type": "application/octet-stream" } };
    const response = await ask(`v1/explain?${query}`, body);
    const map = article.querySelector(".map");
    const image = map.querySelector("img");
    image.src = URL.createObjectURL(await response.blob());
    image.alt = `Map of what speaks for ${answer.label} in ${picture.name}`;
    map.querySelector("figcaption").textContent = `Orange speaks for ${answer.label}, blue against it`;
    map.hidden = false;
    map.tabIndex = -1;
    map.focus(); // the button, which had it, goes
    button.parentElement.remove();
    say(`The map for ${answer.label} is there.`);
  } catch (error) {
    button.disabled = false;
    say(error.message, true);
  }
}

find("locked").addEventListener("submit", async (event) => {
  event.preventDefault();
  token = find("token").value;
  try {
    await introduce();
    find("locked").hidden = true;
    say("Unlocked.");
    file.focus();
    if (waiting.length) classify(waiting);
  } catch (error) {
    say(error.message, true);
  }
});
file.addEventListener("change", () => { classify(file.files); file.value = ""; });
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  classify(event.dataTransfer.files);
});
addEventListener("paste", (event) => classify(event.clipboardData.files));
introduce().catch((error) => say(error.message, true));
