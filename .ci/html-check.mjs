// Opens HTML plans from disk in headless Chromium, from the width of a phone to
// that of a desk, light and dark, and fails when one runs with an error, asks
// for anything, is wider than its window, breaks a word of its bar, or lets a
// plan's text act.
//
//   node html-check.mjs OUT FILE…
//
// OUT is a folder for the screenshots. The module playwright-core is looked up
// from the working folder; CHROMIUM names the browser (default /usr/bin/chromium).
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const { chromium } = createRequire(join(process.cwd(), "package.json"))("playwright-core");
const [out, ...files] = process.argv.slice(2);
if (!out || files.length === 0) {
  console.error("usage: html-check.mjs OUT FILE…");
  process.exit(1);
}
mkdirSync(out, { recursive: true });

const widths = [390, 500, 641, 760, 900, 1021, 1280];
const pictured = [390, 1280]; // widths of which screenshots are kept
const schemes = ["light", "dark"];
const tallest = 6000; // px of a screenshot; a browser cannot take one of any height
const problems = [];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
});
for (const file of files) {
  const name = basename(file, ".html");
  for (const colorScheme of schemes) {
    const context = await browser.newContext({ colorScheme, viewport: { width: widths[0], height: 900 }, offline: true, reducedMotion: "reduce" });
    const page = await context.newPage();
    const fail = (what) => problems.push(`${name}, ${colorScheme}: ${what}`);
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && fail(`console: ${message.text()}`));
    page.on("pageerror", (error) => fail(`script: ${error.message}`));
    page.on("dialog", (dialog) => (fail(`dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on("request", (request) => /^(file|data):/.test(request.url()) || fail(`asks for ${request.url()}`));
    await page.goto(pathToFileURL(resolve(file)).href);
    for (const what of await page.evaluate(faults)) fail(what);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(() => scrollTo(0, 0));
      for (const wide of await page.evaluate(tooWide)) fail(`${width} px: ${wide}`);
      for (const word of await page.evaluate(brokenWords)) fail(`${width} px: ${word}`);
      if (!pictured.includes(width)) continue;
      const height = Math.min(tallest, await page.evaluate(() => document.documentElement.scrollHeight));
      await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`), fullPage: true, clip: { x: 0, y: 0, width, height } });
    }
    await checkTheme(page, colorScheme, fail);
    await checkFilter(page, fail);
    await checkZoom(page, fail);
    if (await page.evaluate(() => globalThis.pwned !== undefined)) fail("a plan's text was run");
    await context.close();
  }
}
await withoutScript(files[0]);
await browser.close();

for (const problem of problems) console.error(problem);
console.log(`${files.length} pages, ${files.length * pictured.length * schemes.length} screenshots in ${out}`);
process.exit(problems.length > 0 ? 1 : 0);

// tooWide names what sticks out of the window. What scrolls by itself may.
function tooWide() {
  const width = document.documentElement.clientWidth;
  const all = [];
  if (document.documentElement.scrollWidth > width) all.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  const scrolls = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement) {
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(e).overflowX)) return true;
    }
    return false;
  };
  for (const element of document.querySelectorAll("body *")) {
    const box = element.getBoundingClientRect();
    const frame = element.closest(".calls")?.getBoundingClientRect();
    if (frame && box.width > 1 && box.left < frame.left - 1) all.push(`${element.getAttribute("class")} begins ${Math.round(frame.left - box.left)} px before its frame`);
    if (box.width > 1 && box.right > width + 1 && !scrolls(element)) all.push(`${element.tagName}.${element.getAttribute("class")} ends at ${Math.round(box.right)} px`);
  }
  return all.slice(0, 5);
}

// brokenWords names the words of the bar that go on in another line, and those
// that overlap what stands beside them.
function brokenWords() {
  const all = [];
  const walker = document.createTreeWalker(document.querySelector("header.bar"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest(".unseen") || !node.parentElement.checkVisibility()) continue;
    for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (tops.size > 1) all.push(`the bar breaks the word ${word}`);
    }
  }
  const boxes = [...document.querySelectorAll("header.bar > *")].map((e) => [e, e.getBoundingClientRect()]).filter(([, box]) => box.width > 0);
  for (const [a, x] of boxes) {
    for (const [b, y] of boxes) {
      if (a !== b && x.left < y.left && x.right > y.left + 1 && x.top < y.bottom - 1 && y.top < x.bottom - 1) all.push(`in the bar ${a.className} overlaps ${b.className}`);
    }
  }
  return all;
}

// faults are what is wrong in the document itself.
function faults() {
  const all = [];
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((h) => Number(h.tagName[1]));
  headings.forEach((level, i) => i > 0 && level > headings[i - 1] + 1 && all.push(`heading ${i + 1} skips a level`));
  if (headings.filter((level) => level === 1).length !== 1) all.push("there is not one h1");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  for (const id of new Set(ids)) if (ids.indexOf(id) !== ids.lastIndexOf(id)) all.push(`id ${id} is there twice`);
  for (const link of document.querySelectorAll("a[href], use")) {
    const href = link.getAttribute("href");
    if (!href.startsWith("#")) all.push(`a link leaves the page: ${href}`);
    else if (!document.getElementById(href.slice(1))) all.push(`a link leads nowhere: ${href}`);
  }
  for (const field of document.querySelectorAll("input")) if (field.labels.length === 0) all.push(`${field.id} has no label`);
  if (document.querySelectorAll("main, nav, header.bar").length !== 3) all.push("a landmark is missing");
  for (const element of document.querySelectorAll("*")) {
    for (const { name } of element.attributes) if (name.startsWith("on") || name === "style") all.push(`${element.tagName} has ${name}`);
  }
  if (document.querySelectorAll("script, style").length !== 2) all.push("there is another script or style");
  if (document.querySelector("iframe, object, embed, form, base, link, img, video, audio")) all.push("there is an element that can load");
  const picture = [...document.querySelectorAll("[data-picture]")].find((p) => p.getBoundingClientRect().height > 0);
  if (picture && picture.querySelector("use").getBoundingClientRect().width < 8) all.push("a picture is not drawn");
  return all.slice(0, 10).concat(lowContrast());

  // Text needs 4.5 to 1 against what is behind it (WCAG 2.2, 1.4.3).
  function lowContrast() {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (color, under) => {
      canvas.clearRect(0, 0, 1, 1);
      if (under) {
        canvas.fillStyle = under;
        canvas.fillRect(0, 0, 1, 1);
      }
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return canvas.getImageData(0, 0, 1, 1).data;
    };
    const css = ([r, g, b]) => `rgb(${r}, ${g}, ${b})`;
    const light = ([r, g, b]) => {
      const part = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const behind = (element) => {
      const layers = [];
      for (let e = element; e; e = e.parentElement) {
        const style = getComputedStyle(e);
        if (style.backgroundImage !== "none") return null; // a gradient: judged by eye
        layers.unshift(style.backgroundColor);
      }
      return css(layers.reduce((under, layer) => rgba(layer, css(under)), rgba("white")));
    };
    const low = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || element.closest("script, style, .unseen, .skip, [aria-hidden]") || !element.checkVisibility({ contentVisibilityAuto: true, opacityProperty: true })) continue;
      const under = behind(element);
      if (!under) continue;
      const [a, b] = [light(rgba(getComputedStyle(element).color, under)), light(rgba(under))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (ratio < 4.5) low.add(`contrast ${ratio.toFixed(1)} in ${element.tagName}.${element.className}`);
    }
    return [...low].slice(0, 8);
  }
}

// The switch of colours works whatever the system prefers.
async function checkTheme(page, scheme, fail) {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const before = await background();
  await page.check(`#theme-${scheme === "dark" ? "light" : "dark"}`, { force: true });
  if ((await background()) === before) fail("the switch of colours does nothing");
  await page.check("#theme-auto", { force: true });
  if ((await background()) !== before) fail("the switch of colours does not go back");
}

// The filter leaves the languages that match, by tag or name, and can be used
// from the keyboard alone.
async function checkFilter(page, fail) {
  const cards = await page.locator("[data-listing]").count();
  if (cards === 0) {
    if (await page.locator(".find").isVisible()) fail("there is a filter and nothing to filter");
    return;
  }
  const shown = () => page.locator("[data-listing]:not([hidden])").count();
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("/");
  if (!(await page.evaluate(() => document.activeElement.id === "find"))) fail("/ does not go to the filter");
  // The last language whose tag is one: others have no name, and no words.
  const last = await page.evaluate(() => {
    const name = [...document.querySelectorAll("[data-language]")].filter((e) => e.textContent !== "").at(-1);
    return name && { card: name.closest("[data-listing]").id, tag: name.dataset.language, word: name.textContent.split(/[^\p{L}]+/u)[0] };
  });
  if (last) {
    for (const what of [last.tag, last.word.toUpperCase()]) {
      await page.fill("#find", "");
      await page.keyboard.type(what);
      const shownOnes = await page.evaluate(() => [...document.querySelectorAll("[data-listing]:not([hidden])")].map((card) => [card.id, card.textContent.toLowerCase()]));
      if (!shownOnes.some(([id]) => id === last.card)) fail(`the filter does not find ${what}`);
      if (!shownOnes.every(([, text]) => text.includes(what.toLowerCase()))) fail(`the filter shows more than ${what}`);
    }
  }
  await page.fill("#find", "no such language");
  if ((await shown()) !== 0) fail("the filter shows what does not match");
  await page.press("#find", "Escape");
  if ((await shown()) !== cards) fail("Escape does not end the filter");
}

// Pictures open in full size and close again.
async function checkZoom(page, fail) {
  const picture = page.locator("[data-picture]:visible").first();
  if ((await picture.count()) === 0) return;
  await picture.focus();
  await page.keyboard.press("Enter");
  if (!(await page.locator("dialog.zoom").isVisible())) fail("a picture does not open");
  await page.keyboard.press("Escape");
  if (await page.locator("dialog.zoom").isVisible()) fail("a picture does not close");
}

// Without script everything but the filter is there.
async function withoutScript(file) {
  const context = await browser.newContext({ javaScriptEnabled: false, offline: true });
  const page = await context.newPage();
  await page.goto(pathToFileURL(resolve(file)).href);
  if (await page.locator(".find").isVisible()) problems.push("without script: the filter is shown");
  if (!(await page.locator("h1").isVisible())) problems.push("without script: nothing is shown");
  const before = await page.locator("[data-listing][open]").count();
  const cards = await page.locator("[data-listing] > summary").count();
  if (cards > 0) {
    await page.locator("[data-listing] > summary").first().click();
    if ((await page.locator("[data-listing][open]").count()) === before) problems.push("without script: cards do not fold");
  }
  await context.close();
}
