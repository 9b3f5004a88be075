"""A store as a person has it: everything goes through the command line."""
import json
import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
AKT = os.path.realpath(os.environ.get("AKT", ROOT + "/akt"))
TODAY = "2026-09-20"  # the day the records are looked at


class Failed(Exception):
    pass


class Store:
    def __init__(self, folder, store):
        self.folder, self.store = folder, store
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("AKT_", "GIT_", "XDG_"))}
        self.env.update(HOME=folder, XDG_CONFIG_HOME=folder, AKT_IDENTITY=folder + "/id", AKT_STORE=store, AKT_LANG="en", TZ="Europe/Stockholm")

    def run(self, *args, stdin=None):
        r = subprocess.run([AKT, *args], env=self.env, input=stdin, capture_output=True, text=True)
        return r.returncode, r.stdout, r.stderr

    def do(self, *args, stdin=None):
        """A step that has to succeed; its output."""
        rc, out, err = self.run(*args, stdin=stdin)
        if rc:
            raise Failed("akt %s: exit %d\n%s%s" % (" ".join(args), rc, out[-600:], err[-600:]))
        return out

    def json(self, *args, findings=False):
        rc, out, err = self.run("--json", *args)
        if rc and not (findings and rc == 1):
            raise Failed("akt --json %s: exit %d\n%s%s" % (" ".join(args), rc, out[-600:], err[-600:]))
        return json.loads(out)

    def sql(self, query):
        """The rows, as lists."""
        return [list(row.values()) for row in self.json("sql", query)]

    def one(self, query):
        rows = self.sql(query)
        return rows[0][0] if rows else None

    def show(self, rec):
        return self.json("show", rec)["data"]

    def todo(self, *rules, today=TODAY):
        """What the to-do list says of these rules on that day: (rule, record)."""
        return sorted((x["rule"], x["record"]) for x in self.json("todo", "--today", today, findings=True) if x["rule"] in rules)

    def refuses(self, kind, data, field):
        """Whether such a record is refused, and for that field."""
        rc, _, err = self.run("new", kind, "--from", "-", stdin=json.dumps(data, ensure_ascii=False))
        return rc == 3 and field in err

    # --- taking evidence away ---------------------------------------------------------------------------------

    def void(self, *recs):
        for rec in recs:
            self.do("set", rec, "state=void", "--why", "prov")

    def set(self, rec, *changes):
        self.do("set", rec, *changes, "--why", "prov")

    def unset(self, rec, *paths):
        self.do("set", rec, *[x for p in paths for x in ("--unset", p)], "--why", "prov")

    def instead(self, rec, change):
        """The same record written anew with a change, the first one void."""
        data = self.show(rec)
        change(data)
        self.void(rec)
        self.do("new", rec.split("-")[0], "--from", "-", stdin=json.dumps(data, ensure_ascii=False))

    def form(self, kind, old, new):
        """Another version of a type's form."""
        folder = self.folder + "/schema-" + kind
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with open("%s/schema/%s.yaml" % (ROOT, kind), encoding="utf-8") as f:
            text = f.read()
        if old not in text:
            raise Failed("schema/%s.yaml has no %r" % (kind, old))
        with open("%s/%s.yaml" % (folder, kind), "w", encoding="utf-8") as f:
            f.write(text.replace(old, new).replace("  version: 1\n", "  version: 2\n", 1))
        self.do("schema", "put", folder)


def made(folder):
    """The unit's records, imported by its founder."""
    s = Store(folder, folder + "/store")
    with open(folder + "/card", "w") as f:
        f.write(s.do("id", "new", "--handle", "admin1", "--device", "pc", "--no-passphrase"))
    s.do("init", s.store, "--name", "Barn och ungdom", "--schema", ROOT + "/schema")
    s.do("import", ROOT + "/records")
    s.one("SELECT count(*) AS n FROM record")  # the index is made once, for all copies
    return s


def copy(s, name):
    folder = "%s/%s" % (s.folder, name)
    shutil.copytree(s.store, folder)
    return Store(s.folder, folder)
