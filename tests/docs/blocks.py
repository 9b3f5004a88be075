"""The commands of a text, as a shell script, and what they said held against the text.

    blocks.py script DOC            the script, for one bash, which keeps folders and variables between blocks
    blocks.py check DOC FOLDER N    TAP lines from N on: each block's exits, and each expected line
    blocks.py commands DOC          the commands alone: without what is said in a language

In a DOC, ```sh blocks are run in order; a line with `# exit N` must end so. A ```text block holds lines that the
block before must have shown, in this order; ... stands for anything. A ```yaml or ```sql block whose first line is `# NAME`
or `-- # NAME` is a file that the reader writes. <!-- run CODE --> is what others do meanwhile. <!-- not run: WHY -->
before a block leaves it out."""
import re, sys

def blocks(path):
    lines = open(path, encoding="utf-8").read().split("\n")
    found, i, skip = [], 0, None
    while i < len(lines):
        line = lines[i]
        if line.startswith("<!-- not run:"):
            skip = line
        elif line.startswith("<!-- run"):
            j = i
            while "-->" not in lines[j]:
                j += 1
            code = "\n".join(lines[i:j + 1])[len("<!-- run"):].rsplit("-->", 1)[0]
            found.append(("run", i + 1, code.strip("\n")))
            i = j
        elif line.startswith("```") and len(line) > 3:
            j = i + 1
            while lines[j] != "```":
                j += 1
            found.append((line[3:].split()[0] if not skip else "skipped", i + 1, "\n".join(lines[i + 1:j])))
            i, skip = j, None
        i += 1
    return found

def script(path):
    out = []
    for kind, line, text in blocks(path):
        if kind == "run":
            out.append(f"{{ trap 'echo \"$?\" >>$RESULTS/{line}.failed' ERR\n{text}\n}} >$RESULTS/{line}.out 2>&1 </dev/null; trap - ERR")
        elif kind == "sh":
            out.append(f"{{ trap 'echo \"$?\" >>$RESULTS/{line}.failed' ERR\n{text}\n}} >$RESULTS/{line}.out 2>&1 </dev/null; trap - ERR; : >$RESULTS/{line}.ran")
        elif kind in ("yaml", "sql") and re.match(r"(#|-- #) \S+\.(yaml|sql)$", text.split("\n")[0]):
            name = text.split("\n")[0].split()[-1]
            out.append(f"cat >{name} <<'END_OF_FILE'\n{text}\nEND_OF_FILE")
    return "\n".join(out) + "\n"

def fits(want, got):
    at = 0
    for line in want:
        pattern = ".*".join(re.escape(p) for p in line.strip().split("..."))
        for k in range(at, len(got)):
            if re.search(pattern, got[k]):
                at = k + 1
                break
        else:
            return line
    return None

def check(path, folder, n):
    import os
    name, last, bad = os.path.basename(path), None, 0
    def tap(ok, what, why=""):
        nonlocal n, bad
        n += 1
        bad += not ok
        print(f"{'ok' if ok else 'not ok'} {n} - {name}:{what}")
        if not ok:
            print("\n".join("# " + x for x in why.split("\n")[-40:]))
    def read(line, end):
        try:
            return open(f"{folder}/{line}.{end}", encoding="utf-8", errors="replace").read()
        except FileNotFoundError:
            return None
    for kind, line, text in blocks(path):
        if kind in ("sh", "run"):
            last = line
            want = re.findall(r"# exit (\d+)", text, re.M)
            failed = (read(line, "failed") or "").split()
            ran = kind == "run" or read(line, "ran") is not None
            first = text.strip().split("\n")[0]
            tap(ran and failed == want, f"{line} {first[:60] if kind == 'sh' else '(others)'}",
                f"exits {failed}, wanted {want}\n{read(line, 'out')}")
        elif kind == "text":
            out = (read(last, "out") or "").split("\n")
            missing = fits(text.split("\n"), out)
            tap(missing is None, f"{line} shows what it says", f"not there: {missing}\n" + "\n".join(out))
    print(f"# end {n} {bad}")

if sys.argv[1] == "script":
    sys.stdout.write(script(sys.argv[2]))
elif sys.argv[1] == "commands":
    for kind, _, text in blocks(sys.argv[2]):
        for line in text.split("\n") if kind == "sh" else []:
            words = re.sub(r"'[^']*'|\"[^\"]*\"", "X", line.replace("akt -C ", "akt -C=", 1)).split()
            name = [w for w in words[1:3] if words[0] == "akt" and re.fullmatch("[a-z]+", w)]
            print(*words[:1], *name, *[w.split("=")[0] for w in words if w.startswith("-")], *re.findall(r"# exit \d+", line))
else:
    check(sys.argv[2], sys.argv[3], int(sys.argv[4]))
