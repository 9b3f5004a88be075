// look.mjs NODE_MODULES FOLDER [pictures]: each *.html of the folder in Chromium; "ok NAME" or "not ok NAME" a line.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, folder, pictures] = process.argv.slice(2);
const { chromium } = await import(pathToFileURL(path.join(modules, 'playwright-core/index.mjs')));
const axe = fs.readFileSync(path.join(modules, 'axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const say = (good, name, more = []) => {
	console.log(`${good ? 'ok' : 'not ok'} ${name}`);
	for (const line of more) console.log('# ' + String(line).replace(/\n/g, ' ').slice(0, 300));
};
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, bypassCSP: true });
const page = await context.newPage();
const asked = [];
page.on('request', (r) => { if (!r.url().startsWith('file:')) asked.push(r.url()); });

// Widths of a page's text in CSS pixels: A4 less the margins of the style, upright and lying.
const UPRIGHT = (210 - 2 * 13) / 25.4 * 96, LYING = (297 - 2 * 12) / 25.4 * 96;

// What sticks out of the page at the right, or hides text in itself.
const outside = (broad) => {
	const width = document.documentElement.clientWidth, found = [];
	for (const e of document.querySelectorAll('body *')) {
		if (e.closest('caption') || e.closest('svg') && e.tagName !== 'svg' || !!e.closest('.broad') !== broad) continue;
		const box = e.getBoundingClientRect();
		if (box.width && box.right > width + 1) found.push(`${e.tagName}.${e.className}: ${Math.round(box.right)} of ${Math.round(width)}`);
		if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible' && e.clientWidth) found.push(`${e.tagName} hides`);
	}
	return found;
};
// Text of a chart that leaves its drawing, or that two texts share.
const charts = () => {
	const found = [];
	for (const svg of document.querySelectorAll('figure svg')) {
		const frame = svg.getBoundingClientRect(), boxes = [];
		for (const t of svg.querySelectorAll('text')) {
			const b = t.getBoundingClientRect();
			if (b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1 || b.bottom > frame.bottom + 1)
				found.push(`leaves the chart: ${t.textContent}`);
			for (const o of boxes) {
				const w = Math.min(b.right, o.b.right) - Math.max(b.left, o.b.left), h = Math.min(b.bottom, o.b.bottom) - Math.max(b.top, o.b.top);
				if (w > 3 && h > b.height * 0.45) found.push(`on each other: ${t.textContent} / ${o.text}`);
			}
			boxes.push({ b, text: t.textContent });
		}
	}
	return found;
};
// The patterns as a person sees them who sees no colour, or not all: each pair must differ in lightness or in grain.
const patterns = async () => {
	const svg = document.querySelector('figure svg');
	if (!svg) return null;
	const size = 48, seen = [], kinds = { grey: null, protan: [0.152, 1.053, -0.205, 0.115, 0.786, 0.099, -0.004, -0.048, 1.052],
		deutan: [0.367, 0.861, -0.228, 0.28, 0.673, 0.047, -0.012, 0.043, 0.969], tritan: [1.256, -0.077, -0.179, -0.078, 0.931, 0.148, 0.005, 0.691, 0.304] };
	for (const p of svg.querySelectorAll('pattern')) {
		const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><defs>${p.outerHTML}</defs>` +
			`<rect width="${size}" height="${size}" fill="url(#${p.id})"/></svg>`;
		const image = new Image();
		image.src = 'data:image/svg+xml,' + encodeURIComponent(text);
		await image.decode();
		const canvas = document.createElement('canvas');
		canvas.width = canvas.height = size;
		const c = canvas.getContext('2d');
		c.drawImage(image, 0, 0);
		seen.push(c.getImageData(0, 0, size, size).data);
	}
	const found = [];
	for (const [kind, m] of Object.entries(kinds)) {
		const marks = seen.map((d) => {
			const grey = [];
			for (let i = 0; i < d.length; i += 4) {
				let [r, g, b] = [d[i], d[i + 1], d[i + 2]];
				if (m) [r, g, b] = [m[0] * r + m[1] * g + m[2] * b, m[3] * r + m[4] * g + m[5] * b, m[6] * r + m[7] * g + m[8] * b];
				grey.push((0.2126 * r + 0.7152 * g + 0.0722 * b) / 255);
			}
			const grain = [[1, 0], [0, 1], [1, 1], [1, -1]].map(([x, y]) => {
				let sum = 0;
				for (let j = 8; j < 40; j++) for (let i = 8; i < 40; i++) sum += Math.abs(grey[j * size + i] - grey[(j + y) * size + i + x]);
				return sum / 1024;
			});
			return { light: grey.reduce((a, b) => a + b, 0) / grey.length, grain };
		});
		for (let i = 0; i < marks.length; i++) for (let k = 0; k < i; k++) {
			const light = Math.abs(marks[i].light - marks[k].light),
				grain = Math.max(...marks[i].grain.map((v, n) => Math.abs(v - marks[k].grain[n])));
			if (light < 0.12 && grain < 0.08) found.push(`${kind}: ${k} and ${i}`);
		}
	}
	return { count: seen.length, found };
};

let drawn = 0, told = null;
for (const file of fs.readdirSync(folder).filter((f) => f.endsWith('.html')).sort()) {
	const name = file.replace('.html', '');
	await page.emulateMedia({ media: 'screen' });
	await page.setViewportSize({ width: 1100, height: 900 });
	await page.goto(pathToFileURL(path.join(folder, file)).href);
	await page.evaluate(axe);
	const found = await page.evaluate((t) => window.axe.run({ runOnly: t, resultTypes: ['violations'] }), tags);
	say(found.violations.length === 0 && found.passes.length > 10, `${name}: axe finds nothing`,
		found.violations.map((v) => `${v.id}: ${v.nodes[0].html}`));
	const ink = await page.evaluate(charts);
	drawn += await page.evaluate(() => document.querySelectorAll('figure svg').length);
	say(ink.length === 0, `${name}: texts of charts are whole and apart`, ink.slice(0, 8));
	told ??= await page.evaluate(patterns);
	if (pictures) await page.screenshot({ path: path.join(folder, name + '.png'), fullPage: true });
	await page.emulateMedia({ media: 'print' });
	let out = [];
	for (const [width, broad] of [[UPRIGHT, false], [LYING, true]]) {
		await page.setViewportSize({ width: Math.floor(width), height: 1000 });
		out = out.concat(await page.evaluate(outside, broad));
	}
	const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
	const boxes = new Set([...pdf.toString('latin1').matchAll(/\/MediaBox \[([^\]]*)\]/g)].map((m) => m[1].split(' ').map((v) => Math.round(v)).join(' ')));
	const a4 = [...boxes].every((b) => ['0 0 595 842', '0 0 594 841', '0 0 595 841', '0 0 594 842', '0 0 842 595', '0 0 841 594', '0 0 841 595', '0 0 842 594'].includes(b));
	say(out.length === 0 && a4 && boxes.size > 0, `${name}: whole on A4`, [...out.slice(0, 8), ...(a4 ? [] : boxes)]);
	if (pictures) fs.writeFileSync(path.join(folder, name + '.pdf'), pdf);
}
say(told !== null && told.count === 8 && told.found.length === 0, 'eight patterns, told apart in grey and by the colour-blind', told?.found);
say(drawn > 40, `charts were drawn`, [drawn]);
say(asked.length === 0, 'nothing was fetched', asked);
await browser.close();
console.log('# all looked at');
