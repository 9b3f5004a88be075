#!/usr/bin/env python3
"""Every way by which the program comes to a system call or an allocation, failed there (shim.c), and the program killed or
interrupted there: what was acknowledged stands, the store verifies, the message says what happened, and the next command
works. Speaks TAP.

  faults.py PROGRAM SHIM [--all] [--trials N] [--part K/N] [--only JOB] [--kind KIND] [--at WAY:N] [--said] [--keep]

Calls that are come to by the same way, with the same call stack, are judged by the same code; of each way the first call,
the last and one by lot are failed, of some kinds one by lot; --all fails each. --trials: at most so many of each job and kind. --part 1/2: every other
job, from the first on. --only, --kind and --at repeat one trial, which is shown; a way's number is good for one build of the
program. --said: what was said, and how often.
"""
import collections, errno, json, os, random, re, shutil, struct, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOY = ROOT + '/tests/toy/schema'
# kind: which calls, and how they fail
KINDS = {
    'no space': ('write', 'full'),
    'write error': ('write', str(errno.EIO)),
    'killed': ('write', 'kill'),
    'Ctrl-C': ('write', 'int'),
}
# Each call, without exception, failed in a child of the process that did all before it: most end there with the reason and
# have changed nothing. Of those that did not, the ones chosen are tried again as a whole, from a fresh copy to the next sync:
# which calls, the error, what else the shim is told, and of each way how many.
EACH = {
    'a file that stays unreadable': ('read', errno.EIO, {'AKT_FAULT_STAYS': '1'}, 3),
    'read error': ('read', errno.EIO, {}, 1),  # once: most of it is asked again, and works
    'too many files': ('open', errno.EMFILE, {}, 3),
    'no memory': ('alloc', errno.ENOMEM, {}, 0),  # OpenSSL's tables of words, mostly, which nobody misses: a way once in all jobs
}
READ_WORDS = ['Input/output error', 'cannot read', 'cannot open', 'cannot write', 'disk I/O error', 'delete akt/names.db']
WORDS = {
    'no space': ['No space left on device', 'the disk is full'],
    'write error': ['Input/output error'],
    'a file that stays unreadable': READ_WORDS,
    'read error': READ_WORDS,
    'too many files': ['Too many open files', 'cannot read', 'cannot open', 'cannot write', 'disk I/O error'],
    # zlib's last, in libgit2's words
    'no memory': ['out of memory', 'Out of memory', 'Cannot allocate memory', 'failed to init zlib stream', 'failed to init packfile stream'],
}


def look(folder):
    """What lies in a folder, by path: all that tells a file that was written from one that was not."""
    seen, folders = {}, [folder]
    while folders:
        for e in os.scandir(folders.pop()):
            st = e.stat(follow_symlinks=False)
            if e.is_dir(follow_symlinks=False):
                seen[e.path] = st.st_mode
                folders.append(e.path)
            else:
                seen[e.path] = (st.st_mode, st.st_size, st.st_ino, st.st_mtime_ns, st.st_ctime_ns)
    return seen


class World:
    """Two machines and a hub, always at the same place, put back from a copy before each trial."""

    def __init__(self, akt, shim, folder):
        self.akt, self.shim, self.folder = akt, shim, folder
        self.dir, self.like, self.was = folder + '/w', None, {}
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(('AKT_', 'GIT_', 'LC_', 'LANG'))}
        self.env.update(HOME=folder, XDG_CONFIG_HOME=folder + '/config', AKT_LANG='en', LC_ALL='C.UTF-8', NO_COLOR='1')

    def run(self, who, *args, fault=None, timeout=120, **more):
        """fault: (which calls, how, the call's number); more: what else the shim is told."""
        env = dict(self.env, AKT_IDENTITY='%s/%s.id' % (self.dir, who), AKT_STORE='%s/%s' % (self.dir, who))
        if fault:
            kind, how, at = fault
            env.update(LD_PRELOAD=self.shim, AKT_FAULT_DIR=self.dir, AKT_FAULT_SET=kind, AKT_FAULT_HOW=how,
                       AKT_FAULT_AT=str(at), AKT_FAULT_COUNT=self.folder + '/count', AKT_FAULT_EACH=self.folder + '/each', **more)
        p = subprocess.run([self.akt, *args], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, cwd=self.folder)
        return p.returncode, p.stdout.decode('utf-8', 'replace'), p.stderr.decode('utf-8', 'replace')

    def must(self, who, *args):
        rc, out, err = self.run(who, *args)
        if rc:
            sys.exit('# %s %s: %d %s' % (who, ' '.join(args), rc, err))
        return out.strip()

    def save(self, name):
        shutil.rmtree('%s/%s' % (self.folder, name), ignore_errors=True)
        subprocess.run(['cp', '-a', self.dir, '%s/%s' % (self.folder, name)], check=True)
        self.like, self.was = name, look(self.dir)

    def copy(self, path):
        return '%s/%s%s' % (self.folder, self.like, path[len(self.dir):])

    def restore(self, name):
        """The world as it was saved: what has changed since the last time is put back."""
        if self.like != name:
            subprocess.run(['rm', '-rf', self.dir], check=True)
            subprocess.run(['cp', '-a', '%s/%s' % (self.folder, name), self.dir], check=True)
            self.like, self.was = name, look(self.dir)
            return
        now = look(self.dir)
        for p in sorted(now, reverse=True):
            if isinstance(now[p], tuple) != isinstance(self.was.get(p, 0), tuple) or p not in self.was:
                os.unlink(p) if isinstance(now[p], tuple) else os.rmdir(p)
                del now[p]
        for p, st in sorted(self.was.items()):
            if now.get(p) == st:
                continue
            if not isinstance(st, tuple):
                if p not in now:
                    os.mkdir(p)
                os.chmod(p, st & 0o7777)
                continue
            if p in now:
                os.unlink(p)
            shutil.copy2(self.copy(p), p)
            st = os.lstat(p)
            self.was[p] = (st.st_mode, st.st_size, st.st_ino, st.st_mtime_ns, st.st_ctime_ns)

    def untouched(self):
        """Each file holds what it held when the world was saved, and there is no other."""
        now = look(self.dir)
        if now.keys() != self.was.keys():
            return False
        for p, st in now.items():
            if st == self.was[p]:
                continue
            if not isinstance(st, tuple) or st[:2] != self.was[p][:2]:
                return False
            with open(p, 'rb') as a, open(self.copy(p), 'rb') as b:
                if a.read() != b.read():
                    return False
        return True

    def shape(self):
        """What has changed since the world was saved, but for names by lot and lengths by a few bytes."""
        now, out = look(self.dir), []
        for p in now.keys() | self.was.keys():
            if now.get(p) != self.was.get(p):
                st = now.get(p)
                out.append((re.sub(r'[0-9a-f]{8,}|/[0-9a-z]{2}(?=/)|[0-9a-z]{8,10}', 'X', p), st and isinstance(st, tuple) and -(-st[1] // 128)))
        return tuple(sorted(out, key=repr))

    def head(self, repo):
        try:
            with open('%s/%s/refs/heads/main' % (self.dir, repo)) as f:
                return f.read().strip()
        except FileNotFoundError:
            with open('%s/%s/packed-refs' % (self.dir, repo)) as f:
                return next((l.split()[0] for l in f if l.endswith(' refs/heads/main\n')), '')

    def field(self, who, record, field):
        rc, out, _ = self.run(who, '--json', 'show', record)
        return json.loads(out)['data'].get(field) if rc == 0 else 'exit %d' % rc

    def make(self):
        os.mkdir(self.dir)
        for who in 'anna', 'bo':
            env = dict(self.env, AKT_IDENTITY='%s/%s.id' % (self.dir, who))
            card = subprocess.run([self.akt, 'id', 'new', '--handle', who, '--device', 'pc', '--no-passphrase'], env=env, capture_output=True, check=True).stdout
            with open('%s/%s.card' % (self.dir, who), 'wb') as f:
                f.write(card)
        self.fingerprint = json.loads(self.must('anna', '--json', 'init', self.dir + '/anna', '--name', 'Apiary', '--language', 'en', '--schema', TOY))['fingerprint']
        self.must('anna', 'hub', self.dir + '/hub.git')
        self.must('anna', 'remote', 'add', 'hub', self.dir + '/hub.git')
        self.must('anna', 'team', 'apiary', '--add', 'anna')
        self.must('anna', 'member', 'add', self.dir + '/bo.card', '--role', 'staff', '--team', 'unit', '--team', 'apiary')
        self.hive = self.must('anna', 'new', 'hive', '--set', 'name=North', '--set', 'count=1')
        self.doomed = self.must('anna', 'new', 'hive', '--set', 'name=Doomed')
        self.must('anna', 'store', '--set', 'erase_signers=1')
        self.must('anna', 'sync')
        self.must('bo', 'join', self.dir + '/hub.git', self.dir + '/bo', '--fingerprint', self.fingerprint)
        self.must('anna', 'set', self.hive, 'count=2')
        os.mkdir(self.dir + '/in')
        for i in 'ab':
            with open('%s/in/%s.yaml' % (self.dir, i), 'w') as f:
                f.write('akt: 1\ntype: hive\nv: 1\nid: hive-import0%s\ncreated: {at: 2020-01-01T00:00:00Z, by: anna}\n'
                        'updated: {at: 2020-01-01T00:00:00Z, by: anna}\ndata: {name: %s}\n' % (i, i))
        self.must('anna', 'list')
        self.save('base')


class Job:
    """Something the program does, from the world `base`: what must hold afterwards, by its exit status."""
    ok = (0,)

    def __init__(self, w):
        self.w = w

    def before(self):
        pass

    def after(self, done, out):
        """Why not, or ''. done: it said that it had done it."""
        return ''


class Save(Job):
    name, args = 'a save', lambda s: ('anna', 'set', s.w.hive, 'count=5')

    def after(self, done, out):
        got = self.w.field('anna', self.w.hive, 'count')
        return '' if got == 5 or not done and got == 2 else 'count is %s' % got


class New(Job):
    name, args = 'a new dossier', lambda s: ('anna', 'new', 'hive', '--set', 'name=Fresh')

    def after(self, done, out):
        got = json.loads(self.w.must('anna', '--json', 'list', 'hive'))
        fresh = [r['id'] for r in got if r['title'] == 'Fresh']
        return '' if fresh == ([out.strip()] if done else fresh[:1]) and len(got) == 2 + len(fresh) else 'there are %s' % got


class Import(Job):
    name, args = 'an import', lambda s: ('anna', 'import', s.w.dir + '/in')

    def after(self, done, out):
        got = [r['title'] for r in json.loads(self.w.must('anna', '--json', 'list', 'hive')) if r['id'].startswith('hive-import')]
        return '' if sorted(got) == ['a', 'b'] or not done and not got else 'there are %s' % got


class Sync(Job):
    name, args, ok = 'a sync that merges', lambda s: ('anna', 'sync'), (0,)

    def before(self):
        self.w.must('bo', 'set', self.w.hive, 'site=hill')
        self.w.must('bo', 'new', 'hive', '--set', 'name=Bos')
        self.w.must('bo', 'sync')

    def after(self, done, out):
        w = self.w
        if done and (w.field('anna', w.hive, 'site') != 'hill' or w.head('anna') != w.head('hub.git')):
            return 'it said that it had synced'
        return ''


class Gc(Job):
    name, args = 'gc', lambda s: ('anna', 'gc')


class Erase(Job):
    name, args = 'an erasure', lambda s: ('anna', 'erase', s.w.doomed, '--basis', 'gdpr')

    def after(self, done, out):
        rc, _, err = self.w.run('anna', 'show', self.w.doomed)
        if rc not in (0, 4) or (done and rc == 0):
            return 'the record: %d %s' % (rc, err)
        if rc == 0:
            self.w.must('anna', 'erase', self.w.doomed, '--basis', 'gdpr')
        return ''


class Clean(Job):
    name, args = 'a sync that erases', lambda s: ('anna', 'sync')

    def keys(self):
        """The key files of the doomed record's dossier that the hub still has."""
        return [k for k in self.ids if subprocess.run(['git', '-C', self.w.dir + '/hub.git', 'cat-file', '-e', k], capture_output=True).returncode == 0]

    def before(self):
        w = self.w
        dossier = json.loads(w.must('anna', '--json', 'show', w.doomed))['dossier']
        tree = subprocess.run(['git', '-C', w.dir + '/hub.git', 'ls-tree', '-r', 'refs/akt/keys'], capture_output=True, check=True).stdout.decode()
        self.ids = [l.split()[2] for l in tree.splitlines() if '/%s/' % dossier in l]
        if not self.ids or len(self.keys()) != len(self.ids):
            sys.exit('# the hub has no key of what is erased')
        w.must('anna', 'erase', w.doomed, '--basis', 'gdpr')

    def after(self, done, out):
        if not done:
            self.w.run('anna', 'sync')
        return 'the hub still has keys of what was erased' if self.keys() else ''


class List(Job):
    name, args = 'a list from the index', lambda s: ('anna', '--json', 'list', 'hive')

    def before(self):
        self.w.must('anna', 'set', self.w.hive, 'name=Northern')

    def after(self, done, out):
        return '' if not done or sorted(r['title'] for r in json.loads(out)) == ['Doomed', 'Northern'] else 'it showed %s' % out


class Rebuild(List):
    name = 'a list, the index made anew'

    def before(self):
        self.w.must('anna', 'set', self.w.hive, 'name=Northern')
        for f in os.listdir(self.w.dir + '/anna/akt'):
            if f.startswith(('index', 'names')):
                os.unlink('%s/anna/akt/%s' % (self.w.dir, f))


class Show(Job):
    name, args = 'a record shown', lambda s: ('anna', '--json', 'show', s.w.hive)

    def after(self, done, out):
        return '' if not done or json.loads(out)['data'] == {'name': 'North', 'count': 2} else 'it showed %s' % out


class Member(Job):
    name, args = 'a member added', lambda s: ('anna', 'member', 'add', s.w.dir + '/cleo.card', '--role', 'staff', '--team', 'apiary')

    def before(self):
        env = dict(self.w.env, AKT_IDENTITY=self.w.dir + '/cleo.id')
        with open(self.w.dir + '/cleo.card', 'wb') as f:
            subprocess.run([self.w.akt, 'id', 'new', '--handle', 'cleo', '--device', 'pc', '--no-passphrase'], env=env, stdout=f, check=True)

    def after(self, done, out):
        got = [m['handle'] for m in json.loads(self.w.must('anna', '--json', 'member', 'list'))]
        return '' if 'cleo' in got or not done else 'there are %s' % got


class Join(Job):
    name, args = 'a join', lambda s: ('bo', 'join', s.w.dir + '/hub.git', s.w.dir + '/bo2', '--fingerprint', s.w.fingerprint)

    def after(self, done, out):
        w = self.w
        if done:
            os.rename(w.dir + '/bo', w.dir + '/bo1')
            os.rename(w.dir + '/bo2', w.dir + '/bo')
            return '' if w.field('bo', w.hive, 'count') == 1 else 'nothing can be read there'
        # what is left, if anything is, stands in nobody's way
        rc, _, err = w.run('bo', 'join', w.dir + '/hub.git', w.dir + '/bo3', '--fingerprint', w.fingerprint)
        return '' if rc == 0 else 'the next join: %d %s' % (rc, err)


class Init(Job):
    name, args = 'a new store', lambda s: ('bo', 'init', s.w.dir + '/own', '--name', 'Own', '--schema', TOY)

    def after(self, done, out):
        rc, _, err = self.w.run('bo', '-C', self.w.dir + '/own', 'verify', '--content')
        if done:
            return '' if rc == 0 else 'verify: %d %s' % (rc, err)
        rc, _, err = self.w.run('bo', 'init', self.w.dir + '/own2', '--name', 'Own', '--schema', TOY)
        return '' if rc == 0 else 'the next init: %d %s' % (rc, err)


class Hub(Job):
    name, args = 'a hub', lambda s: ('anna', 'hub', s.w.dir + '/new.git')

    def after(self, done, out):
        if not done:
            self.w.must('anna', 'hub', self.w.dir + '/new2.git')
            return ''
        self.w.must('anna', 'remote', 'add', 'new', self.w.dir + '/new.git')
        self.w.must('anna', 'sync', 'new')
        return ''


class Identity(Job):
    name, args = 'an identity', lambda s: ('dag', 'id', 'new', '--handle', 'dag', '--device', 'pc', '--no-passphrase')

    def after(self, done, out):
        there = os.path.exists(self.w.dir + '/dag.id')
        rc, _, err = self.w.run('dag', 'id', 'show')
        return '' if rc == 0 or (not done and not there) else 'id show: %d %s' % (rc, err)


JOBS = [Save, New, Import, Sync, Gc, Erase, Clean, List, Rebuild, Show, Member, Join, Init, Hub, Identity]


def goes_on(w, with_hub=True):
    """The next save works, and reaches the other by the hub. Why not, or ''."""
    rc, _, err = w.run('anna', 'set', w.hive, 'notes=after')
    if rc or err:
        return 'the next save: %d %s' % (rc, err)
    if not with_hub:
        return ''
    rc, _, err = w.run('anna', 'sync')
    if rc or err:
        return 'the next sync: %d %s' % (rc, err)
    rc, _, err = w.run('bo', 'sync')
    if rc:
        return "the other's sync: %d %s" % (rc, err)
    if not w.head('anna') == w.head('bo') == w.head('hub.git'):
        return 'the heads differ'
    rc, out, err = w.run('bo', '--json', 'show', w.hive)
    data = json.loads(out)['data'] if rc == 0 else {}
    return '' if data.get('notes') == 'after' and data['count'] >= 2 and data['name'] else 'the other has %d %s%s' % (rc, data, err)


def aftermath(w, job, known=False):
    """The store as it is left: it opens, verifies, keeps what was acknowledged, and work goes on. Why not, or ''. known: a
    world of this shape went on, so that the next save and sync are left out."""
    rc, out, err = w.run('anna', 'verify', '--content', '--full')
    if rc:
        return 'verify: %d %s%s' % (rc, out, err)
    return '' if known else goes_on(w, not isinstance(job, Hub))


def judge(kind, rc, out, err, ok):
    """What is wrong with how it ended, or ''."""
    if kind == 'killed':
        return '' if rc in (0, -9) or rc in ok else 'exit %d %s' % (rc, err)
    if rc < 0 or rc > 6:
        return 'exit %d %s' % (rc, err)
    if rc in ok:
        return ''
    lines = [l for l in (err or out).splitlines() if l]
    if not lines:
        return 'exit %d without a word' % rc
    if kind == 'Ctrl-C' or any(x in err + out for x in WORDS[kind]):
        return ''
    return 'exit %d, and the message does not say it: %s' % (rc, err or out)


class Trials:
    """A job's, of one kind."""

    def __init__(self, w, job, kind, o, calls, how, more={}, most=3):
        self.w, self.job, self.kind, self.calls, self.how, self.o, self.more, self.most = w, job, kind, calls, how, o, more, most
        self.wrong, self.tried, self.unmet = [], 0, 0
        # the same dice for each run, others for each job and kind
        self.dice = random.Random(job.name + kind)

    def ways(self):
        """Each call's way, in order, as the last run went."""
        with open(self.w.folder + '/count') as f:
            n = int(f.read().split()[0])
        with open(self.w.folder + '/paths', 'rb') as f:
            return struct.unpack('<%dQ' % n, f.read(8 * n))

    def count(self):
        self.w.restore('job')
        self.w.run(*self.job.args(), fault=(self.calls, str(errno.EIO), 0), AKT_FAULT_PATHS=self.w.folder + '/paths')
        return self.ways()

    def choose(self, ways, of, odd=()):
        """Of the calls `of`, those to be tried as a whole: (way, call). --trials leaves none out that is odd."""
        by, out = collections.defaultdict(list), []
        for n in sorted(of):
            by[ways[n - 1]].append(n)
        for way, at in by.items():
            if '--all' in self.o:
                out += [(way, n) for n in at]
            elif self.most == 3:
                out += [(way, n) for n in sorted({at[0], self.dice.choice(at), at[-1]})]
            elif self.most == 1 or way not in TRIED:
                out.append((way, self.dice.choice(at)))
        if self.most == 0:
            TRIED.update(by)
        most = int(self.o.get('--trials', 0))
        step = max(1, -(-len(out) // most)) if most else 1
        first = self.dice.randrange(step)
        return [x for i, x in enumerate(out) if i % step == first or x[1] in odd]

    def once(self, way, n):
        """The first call of that way from call n on failed, in the world `job`: (exit status, output, errors, was there one)."""
        w = self.w
        w.restore('job')
        if os.path.exists(w.folder + '/count'):
            os.unlink(w.folder + '/count')
        rc, out, err = w.run(*self.job.args(), fault=(self.calls, self.how, n), AKT_FAULT_PATH='%x' % way, **self.more)
        if not os.path.exists(w.folder + '/count'):
            return rc, out, err, True  # it did not end by itself
        with open(w.folder + '/count') as f:
            return rc, out, err, len(f.read().split()) > 1

    def trial(self, way, n):
        w, job = self.w, self.job
        # names fall by lot, a folder more or less is made: the call may come somewhat sooner than it did
        for slack in 0, 20, n:
            rc, out, err, met = self.once(way, max(1, n - slack))
            if met:
                break
        self.tried += 1
        self.unmet += not met
        done = rc in job.ok
        SAID[self.kind, rc, re.sub(r'[0-9a-f]{6,}|\b[0-9a-z]{8,10}\b', 'X', (err or '' if done else err or out).replace(w.dir, ''))] += 1
        why = judge(self.kind, rc, out, err, job.ok)
        # the world as it was before the job is judged once, before all trials
        untouched = w.untouched()
        if not untouched:
            shape = w.shape()
        if not why and (done or not untouched):
            why = job.after(done, out)
        if not why and not untouched:
            why = aftermath(w, job, (job.name, shape) in SHAPES and '--all' not in self.o)
            if not why:
                SHAPES.add((job.name, shape))
        if '--at' in self.o:
            print('# exit %d\n# out: %s\n# err: %s' % (rc, out, err))
        if why:
            self.wrong.append('call %x:%d: %s' % (way, n, why.strip()))

    def all(self, chosen):
        if '--at' in self.o:
            way, n = self.o['--at'].split(':')
            chosen = [(int(way, 16), int(n))]
        for way, n in chosen:
            self.trial(way, n)

    def each(self):
        """Every call failed in a child: how many; the calls whose child did not end with the reason, having changed nothing; those
        of them that ended with something else, or by a signal."""
        most = int(self.o.get('--trials', 0))
        step = max(1, -(-len(self.count()) // (most * 60))) if most else 1
        self.w.restore('job')
        rc, out, err = self.w.run(*self.job.args(), fault=(self.calls, 'each:%s' % self.how, 1), timeout=None, AKT_FAULT_STEP=str(step),
                                  AKT_FAULT_PATHS=self.w.folder + '/paths', **self.more)
        if rc not in self.job.ok:
            self.wrong.append('the process itself: %d %s' % (rc, err))
        again, odd, children = set(), set(), 0
        with open(self.w.folder + '/each', errors='replace') as f:
            for l in f:
                n, _, end, said = l.rstrip('\n').split(' ', 3)
                children += 1
                if 0 < int(end) <= 6 and int(end) not in self.job.ok and any(x in said for x in WORDS[self.kind]):
                    continue
                again.add(int(n))
                if int(end) not in (98, *self.job.ok):
                    odd.add(int(n))
        return children, again, odd


SAID = collections.Counter()  # of each kind, what and how often
SHAPES = set()                # worlds that went on (World.shape)
TRIED = set()                 # ways to memory


def tell(tests, name, t):
    print(('not ok' if t.wrong else 'ok') + ' %d - %s%s' % (tests + 1, name, ' (%d not met)' % t.unmet if t.unmet else ''))
    for x in t.wrong[:12]:
        print('# ' + x.replace('\n', '\n#   '))
    if len(t.wrong) > 12:
        print('# and %d more' % (len(t.wrong) - 12))
    sys.stdout.flush()
    return tests + 1


def whole(w, job, o):
    """The job with nothing failed, and what it starts from: every trial is held against these. Why not, or ''."""
    rc, out, err = w.run(*job.args())
    if rc not in job.ok:
        return 'it ended with %d %s' % (rc, err)
    why = job.after(True, out) or aftermath(w, job)
    w.restore('job')
    return why or job.after(False, '') or aftermath(w, job)


def main():
    args = sys.argv[1:]
    akt, shim = (os.path.abspath(a) for a in args[:2])
    o = {a: args[i + 1] if i + 1 < len(args) else '' for i, a in enumerate(args) if a.startswith('--')}
    part, parts = (int(x) for x in o.get('--part', '1/1').split('/'))
    room = os.access('/dev/shm', os.W_OK) and shutil.disk_usage('/dev/shm').free > 400 << 20
    folder = tempfile.mkdtemp(prefix='akt-faults-', dir='/dev/shm' if room else None)
    tests = 0
    try:
        w = World(akt, shim, folder)
        w.make()
        for job in (j(w) for j in JOBS[part - 1::parts]):
            if o.get('--only', job.name) != job.name:
                continue
            w.restore('base')
            job.before()
            w.save('job')
            why = whole(w, job, o)
            if why:
                sys.exit('# %s, with nothing failed: %s' % (job.name, why))
            for kind, (calls, how) in KINDS.items():
                if o.get('--kind', kind) != kind:
                    continue
                t = Trials(w, job, kind, o, calls, how)
                ways = t.count()
                t.all(t.choose(ways, range(1, len(ways) + 1)))
                tests = tell(tests, '%s, %s: %d trials of %d calls by %d ways' % (job.name, kind, t.tried, len(ways), len(set(ways))), t)
            for kind, (calls, number, more, most) in EACH.items():
                if o.get('--kind', kind) != kind:
                    continue
                t = Trials(w, job, kind, o, calls, str(number), more, most)
                children, again, odd = t.each() if '--at' not in o else (0, (), ())
                ways = t.ways() if again else ()
                t.all(t.choose(ways, again, odd))
                tests = tell(tests, '%s, %s: each of %d calls, %d of the %d that went on as a whole' % (
                    job.name, kind, children, t.tried, len(again)), t)
        print('1..%d' % tests)
        if '--said' in o:
            for (kind, rc, text), n in sorted(SAID.items()):
                print('# %6d %s: %d %s' % (n, kind, rc, text.strip().replace('\n', ' | ')))
    finally:
        if '--keep' in args:
            print('# ' + folder)
        else:
            subprocess.run(['rm', '-rf', folder])


if __name__ == '__main__':
    main()
