// Walks through the status page and explanations in a browser: node browser.cjs NEWSMILL [FOLDER]. Pictures go to FOLDER.
// It is a real run that is watched, whose pages come slowly by a pipe. What is wrong fails it.
const { spawn, execFileSync } = require("node:child_process");
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createInterface } = require("node:readline");
const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const [newsmill, folder] = process.argv.slice(2);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE = 180_000; // Of a busy machine, with a build that is not optimised.

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

function must(holds, what) {
    if (!holds) throw new Error(what);
}

/** `newsmill process --watch` on a pipe. */
class Run {
    static all = [];

    static async start(port = 0) {
        const run = new Run();
        run.child = spawn(newsmill, ["process", "-", "--quiet", `--watch=${port}`], { stdio: ["pipe", "ignore", "pipe"] });
        Run.all.push(run);
        run.ended = new Promise((resolve) => run.child.once("exit", resolve));
        for await (const line of createInterface({ input: run.child.stderr })) {
            const found = line.match(/http:\/\/\S+/);
            if (found) {
                run.url = found[0];
                return run;
            }
        }
        throw new Error("no address was said");
    }

    feed(...pages) {
        for (const page of pages) this.child.stdin.write(`${JSON.stringify(page)}\n`);
    }

    finish() {
        this.child.stdin.end();
        return this.ended;
    }

    kill() {
        this.child.kill("SIGKILL");
        return this.ended;
    }
}

const WHO = ["The harbour council", "A night ferry", "The glass museum", "The orchestra of the valley", "A judge in the old town"];
const DID = ["voted on the new bridge", "left the northern pier early", "opened a hall of blue lamps", "played without a conductor"];

/** A page about a subject of its own, whose headline and one paragraph are the given markup. */
function article(number, headline = `Headline number ${number} of the day`, more = "") {
    const sentence = (i) => `${WHO[(number + i) % 5]} ${DID[(number * 3 + i) % 4]} on street ${number * 31 + i} of quarter ${number * 17 + i * 7}, and nobody had expected it.`;
    const paragraphs = [0, 1, 2, 3, 4].map((p) => `<p>${[0, 1, 2].map((i) => sentence(p * 3 + i)).join(" ")}</p>`).join("");
    return {
        url: `https://site${number % 7}.example/${number}`,
        content_type: "text/html",
        body: `<html lang="en"><head><title>${headline}</title></head><body><article><h1>${headline}</h1>${paragraphs}${more}</article></body></html>`,
    };
}

const MARKUP = '<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">';
const hostile = (number) => {
    const shown = MARKUP.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const paragraph = `<p onclick="window.hacked = 1">The council said that ${shown} was no part of the plan that was shown to the people of the quarter on Monday.</p>`;
    return article(number, `Plan of ${shown} is off`, `${MARKUP}${paragraph}`);
};

/** A page of the browser that keeps what it complains of. */
async function open(browser, url, options) {
    const context = await browser.newContext({ viewport: DESKTOP, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.complaints = [];
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) page.complaints.push(message.text());
    });
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    await page.goto(url);
    return page;
}

/** Nothing serious keeps people out, and nothing sticks out at the side. */
async function look(page, name) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    const bad = violations.filter((found) => ["serious", "critical"].includes(found.impact));
    const told = bad.map((found) => `${found.id} (${found.impact}): ${found.nodes.map((node) => `${node.target} ${node.failureSummary}`).join("; ")}`);
    must(bad.length === 0, `${name}: axe-core says ${told.join("\n")}`);
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    must(excess <= 0, `${name}: ${excess} pixels stick out at the side`);
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** What the page brought as text is text. */
async function isText(page, name) {
    const found = await page.evaluate(() => ({
        hacked: window.hacked,
        elements: document.querySelectorAll('img[src="x"], [onerror], [onclick], script:not([src])').length,
        text: document.body.textContent,
    }));
    must(found.hacked === undefined && found.elements === 0, `${name}: what a page brought was run, or made elements`);
    must(found.text.includes("<script>") && found.text.includes("onerror="), `${name}: the markup of the page is not there as text`);
}

const counted = (page) => page.locator("#pages").textContent().then((text) => Number(text.replaceAll(",", "")));
const counts = (page, number) => page.waitForFunction((wanted) => Number(document.getElementById("pages").textContent.replaceAll(",", "")) >= wanted, number);
const says = (page, id, text) => page.waitForFunction(([where, words]) => document.getElementById(where).textContent.includes(words), [id, text]);

/** What has the focus, and whether that is to be seen. */
function focus(page) {
    return page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        return {
            name: element.id || element.getAttribute("href") || element.textContent,
            isBody: element === document.body,
            isSeen: isOutlined && box.bottom > 0 && box.top < innerHeight && box.left >= 0 && box.left < innerWidth,
        };
    });
}

/** Everything that can be reached has its focus seen, in this order. */
async function walk(page) {
    await page.keyboard.press("Tab");
    const reached = [];
    for (let steps = 0; steps < 60; steps++) {
        const at = await focus(page);
        if (at.isBody || reached.includes(at.name)) break;
        // What is out of sight is scrolled to a moment later.
        for (let looks = 0; looks < 20 && !(await focus(page)).isSeen; looks++) await page.waitForTimeout(50);
        must((await focus(page)).isSeen, `the focus is not seen on ${at.name}`);
        reached.push(at.name);
        await page.keyboard.press("Tab");
    }
    return reached;
}

/** By keyboard from a page of the list to its explanation, and back. */
async function explained(page) {
    const link = page.getByRole("link", { name: "<script>" });
    await link.focus();
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/explain\/\d+$/);
    await explanation(page, "explanation");
    await page.goBack();
    await counts(page, 18);
    must((await page.locator("#rejects a").count()) > 0, "rejections are explained, too");
    await page.locator("#rejects a").first().click();
    await page.getByText("empty").first().waitFor();
    await look(page, "explanation-rejection-desktop-light");
    await page.goBack();
    await says(page, "link", "Live");
}

/** An explanation says what became of the page with markup in its text, and has it as text. */
async function explanation(page, name) {
    await page.getByRole("heading", { level: 1, name: "<script>" }).waitFor();
    await isText(page, name);
    must((await page.locator("script").count()) === 0, "an explanation needs no script");
    const size = page.viewportSize().width === PHONE.width ? "phone" : "desktop";
    const scheme = await page.evaluate(() => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
    await look(page, `${name}-${size}-${scheme}`);
}

/** The same as a file. */
async function file(browser, work) {
    const [input, output] = [join(work, "page.jsonl"), join(work, "explained.html")];
    writeFileSync(input, `${JSON.stringify(hostile(40))}\n`);
    execFileSync(newsmill, ["explain", input, "--html", output], { stdio: ["ignore", "ignore", "inherit"] });
    for (const options of [{ colorScheme: "light" }, { colorScheme: "dark" }, { colorScheme: "light", viewport: PHONE }, { colorScheme: "dark", viewport: PHONE }]) {
        const page = await open(browser, pathToFileURL(output).href, options);
        await explanation(page, "file");
        const reached = await walk(page);
        must(reached.length > 0, "nothing of the explanation can be reached by keyboard");
        must(page.complaints.length === 0, `the browser complains: ${page.complaints.join("\n")}`);
        await page.context().close();
    }
}

async function watched(browser) {
    const run = await Run.start();
    const page = await open(browser, run.url, { colorScheme: "light" });
    await says(page, "link", "Live");
    await look(page, "idle-desktop-light");

    run.feed(article(1), article(2), article(3));
    await counts(page, 3);
    await page.getByText("Headline number 2 of the day").first().waitFor();
    run.feed(...Array.from({ length: 12 }, (_, i) => article(10 + i)), hostile(40), { url: "https://empty.example/", body: "" });
    await counts(page, 17);
    must((await counted(page)) === 17, "each page counts once");
    await page.waitForFunction(() => document.querySelector("#chart-rate .line").getAttribute("d").length > 20);
    await page.waitForFunction(() => document.getElementById("chart-rate").getAttribute("aria-label").includes("Pages a second"));
    await page.getByText("https://empty.example/").first().waitFor();
    await isText(page, "status page");

    const reached = await walk(page);
    must(reached[0] === "#main" && reached[1] === "pause" && reached.includes("Show all articles") && reached.some((name) => name.startsWith("explain/")), `by keyboard one reaches ${reached.join(", ")}`);
    await page.reload();
    await counts(page, 17);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    must((await page.evaluate(() => document.activeElement.id)) === "main", "the skip link leads to the figures");
    await page.locator("#pause").focus();
    await page.keyboard.press("Space");
    await says(page, "link", "Paused");
    run.feed(article(50));
    await page.waitForTimeout(2500);
    must((await counted(page)) === 17, "a page that is paused stands still");
    await page.keyboard.press("Space");
    await counts(page, 18);

    await explained(page);

    must(page.complaints.length === 0, `the browser complains: ${page.complaints.join("\n")}`);
    for (const [size, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
        for (const colorScheme of ["light", "dark"]) {
            const page = await open(browser, run.url, { viewport, colorScheme, reducedMotion: "reduce" });
            await counts(page, 18);
            await page.getByRole("button", { name: "Show all articles" }).click();
            must((await page.locator("#articles tr").count()) > 15, "all of the last articles are shown");
            await look(page, `busy-${size}-${colorScheme}`);
            const moves = await page.evaluate(() => getComputedStyle(document.querySelector(".bar .fill")).transitionDuration);
            must(moves === "0s", "nothing moves where less motion is wanted");
            must(page.complaints.length === 0, `the browser complains: ${page.complaints.join("\n")}`);
            await page.context().close();
        }
    }
    must((await run.finish()) === 0, "the run did not end well");
    await says(page, "phase", "Finished");
    await says(page, "notice", "The run has ended");
    await look(page, "finished-desktop-light");
    must(page.complaints.length === 0, `the browser complains: ${page.complaints.join("\n")}`);
    await page.context().close();
}

/** A run that goes away without a word, and another one that comes in its place. */
async function lost(browser) {
    const run = await Run.start();
    const page = await open(browser, run.url, { colorScheme: "dark" });
    run.feed(article(1), article(2));
    await counts(page, 2);
    await run.kill();
    await says(page, "link", "Connection lost");
    await says(page, "notice", "The connection was lost");
    await look(page, "lost-desktop-dark");
    const again = await Run.start(new URL(run.url).port);
    again.feed(article(1));
    await says(page, "link", "Live");
    await page.waitForFunction(() => document.getElementById("pages").textContent === "1");
    must(await page.locator("#notice").isHidden(), "what is over is not said any more");
    await page.context().close();
    await again.finish();
}

(async () => {
    const rooted = process.getuid() === 0; // Chromium has no sandbox for root.
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: rooted ? ["--no-sandbox"] : [] });
    const work = mkdtempSync(join(tmpdir(), "newsmill-browser-"));
    try {
        for (const part of [watched, lost, file]) {
            const started = Date.now();
            await part(browser, work);
            console.log(`${part.name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
        }
    } finally {
        await browser.close();
        for (const run of Run.all) await run.kill();
        rmSync(work, { recursive: true });
    }
})().then(
    () => process.exit(0),
    (error) => {
        console.error(error);
        process.exit(1);
    },
);
