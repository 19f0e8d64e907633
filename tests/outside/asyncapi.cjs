// Checks an AsyncAPI document with AsyncAPI's own parser: node asyncapi.cjs FILE. Errors and warnings fail it.
const { readFileSync } = require("node:fs");
const { Parser } = require("@asyncapi/parser");

(async () => {
    const text = readFileSync(process.argv[2], "utf8");
    const { document, diagnostics } = await new Parser().parse(text);
    // 0 is an error, 1 a warning; 2 and 3 are hints of style.
    const wrong = diagnostics.filter((found) => found.severity < 2);
    for (const found of wrong) {
        console.error(`${found.path.join(".")}: ${found.message}`);
    }
    if (wrong.length > 0 || document === undefined) {
        process.exit(1);
    }
    const messages = document.allMessages().all().length;
    const channels = document.allChannels().all().length;
    console.log(`valid: AsyncAPI ${document.version()}, ${channels} channels, ${messages} messages`);
})();
