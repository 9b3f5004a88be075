#!/usr/bin/env python3
"""Every system call and allocation of what the program does, failed in turn (shim.c), and the program killed or
interrupted at each: what was acknowledged stands, the store verifies, the message says what happened, and the next
command works. Speaks TAP.

  faults.py PROGRAM SHIM [--every N] [--thin N] [--trials N] [--only JOB] [--kind KIND] [--at N] [--keep]

--every N takes each Nth call only, besides what KINDS leaves out, which --thin states otherwise; --trials at most so many of
each job and kind. --only, --kind and --at repeat one trial, which is shown.
"""
import errno, json, os, shutil, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOY = ROOT + '/tests/toy/schema'
# kind: which calls, how they fail, and how thin they are taken besides --every
KINDS = {
    'no space': ('write', 'full', 1),
    'write error': ('write', str(errno.EIO), 2),
    'killed': ('write', 'kill', 2),
    'Ctrl-C': ('write', 'int', 3),
    'read error': ('read', str(errno.EIO), 6),
    'too many files': ('read', str(errno.EMFILE), 12),
    'no memory': ('alloc', '12', 120),
}
WORDS = {
    'no space': ['No space left on device', 'the disk is full'],
    'write error': ['Input/output error'],
    'read error': ['Input/output error', 'cannot read', 'cannot open', 'cannot write', 'disk I/O error', 'delete akt/names.db'],
    'too many files': ['Too many open files', 'cannot read', 'cannot open', 'cannot write', 'disk I/O error'],
    'no memory': ['out of memory', 'Cannot allocate memory'],
}


# Every call, each failed in a child of the process that did all before it: most end there with the reason and have changed
# nothing. Of those that did not, so many are tried again as a whole, from a fresh copy to the next sync.
EACH = {
    'no memory, each': ('alloc', 12, 'no memory', 40),  # OpenSSL's tables of words, mostly, which nobody misses
    'read error, each': ('read', errno.EIO, 'read error', 4),
}


class World:
    """Two machines and a hub, always at the same place, put back from a copy before each trial."""

    def __init__(self, akt, shim, folder):
        self.akt, self.shim, self.folder = akt, shim, folder
        self.dir = folder + '/w'
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(('AKT_', 'GIT_', 'LC_', 'LANG'))}
        self.env.update(HOME=folder, XDG_CONFIG_HOME=folder + '/config', AKT_LANG='en', LC_ALL='C.UTF-8', NO_COLOR='1')

    def run(self, who, *args, fault=None, timeout=120, step=1):
        env = dict(self.env, AKT_IDENTITY='%s/%s.id' % (self.dir, who), AKT_STORE='%s/%s' % (self.dir, who))
        if fault:
            kind, how, at = fault
            env.update(LD_PRELOAD=self.shim, AKT_FAULT_DIR=self.dir, AKT_FAULT_SET=kind, AKT_FAULT_HOW=how,
                       AKT_FAULT_AT=str(at), AKT_FAULT_COUNT=self.folder + '/count',
                       AKT_FAULT_STEP=str(step), AKT_FAULT_EACH=self.folder + '/each')
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

    def restore(self, name):
        subprocess.run(['rm', '-rf', self.dir], check=True)
        subprocess.run(['cp', '-a', '%s/%s' % (self.folder, name), self.dir], check=True)

    def head(self, repo):
        return subprocess.run(['git', '-C', '%s/%s' % (self.dir, repo), 'rev-parse', 'main'], capture_output=True).stdout.decode().strip()

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
    return '' if w.field('bo', w.hive, 'notes') == 'after' else 'the other lacks it'


def aftermath(w, job):
    """The store as it is left: it opens, verifies, keeps what was acknowledged, and work goes on. Why not, or ''."""
    rc, out, err = w.run('anna', 'verify', '--content', '--full')
    if rc:
        return 'verify: %d %s%s' % (rc, out, err)
    if w.run('anna', '--json', 'show', w.hive)[0]:
        return 'what was saved before cannot be read'
    return goes_on(w, not isinstance(job, Hub))


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


def trial(w, job, kind, calls, how, n):
    """One call failed, from the world `job` on: (exit status, why not or '', what it said)."""
    w.restore('job')
    rc, out, err = w.run(*job.args(), fault=(calls, how, n))
    why = judge(kind, rc, out, err, job.ok) or job.after(rc in job.ok, out) or aftermath(w, job)
    return rc, why, (out, err)


def total_calls(w, job, calls, how):
    w.restore('job')
    w.run(*job.args(), fault=(calls, how, 0))
    with open(w.folder + '/count') as f:
        return int(f.read().split()[0])


def each_call(w, job, calls, number, kind, whole, most):
    """(calls, tried, tried as a whole, what is wrong)"""
    total = total_calls(w, job, calls, str(number))
    step = max(1, -(-total // (most * 60))) if most else 1
    w.restore('job')
    rc, out, err = w.run(*job.args(), fault=(calls, 'each:%d' % number, 1), timeout=None, step=step)
    wrong = [] if rc in job.ok else ['the process itself: %d %s' % (rc, err)]
    with open(w.folder + '/each', errors='replace') as f:
        ends = [l.rstrip('\n').split(' ', 2) for l in f]
    again = [int(n) for n, end, said in ends if not (0 < int(end) <= 6 and int(end) not in job.ok and any(x in said for x in WORDS[kind]))]
    thin = again[:: max(1, -(-len(again) // most))] if most else again[::whole]
    for n in thin:
        why = trial(w, job, kind, calls, str(number), n)[1]
        if why:
            wrong.append('call %d of %d: %s' % (n, total, why.strip()))
    return total, len(ends), len(thin), wrong


def tell(tests, name, wrong):
    print(('not ok' if wrong else 'ok') + ' %d - %s' % (tests + 1, name))
    for x in wrong[:12]:
        print('# ' + x.replace('\n', '\n#   '))
    if len(wrong) > 12:
        print('# and %d more' % (len(wrong) - 12))
    sys.stdout.flush()
    return tests + 1


def main():
    args = sys.argv[1:]
    akt, shim = (os.path.abspath(a) for a in args[:2])
    o = {'--every': '1'}
    for i, a in enumerate(args):
        if a.startswith('--'):
            o[a] = args[i + 1] if i + 1 < len(args) else ''
    room = os.access('/dev/shm', os.W_OK) and shutil.disk_usage('/dev/shm').free > 400 << 20
    folder = tempfile.mkdtemp(prefix='akt-faults-', dir='/dev/shm' if room else None)
    tests = 0
    try:
        w = World(akt, shim, folder)
        w.make()
        for job in (j(w) for j in JOBS):
            if o.get('--only', job.name) != job.name:
                continue
            w.restore('base')
            job.before()
            w.save('job')
            for kind, (calls, how, thin) in KINDS.items():
                if o.get('--kind', kind) != kind:
                    continue
                total = total_calls(w, job, calls, how)
                wrong, trials = [], 0
                step = max(1, int(o['--every']) * int(o.get('--thin', thin)))
                if '--trials' in o:
                    step = max(step, -(-total // int(o['--trials'])))
                # not always the first: which, depends on the two names
                first = 1 + sum((job.name + kind).encode()) % min(step, max(total, 1))
                at = [int(o['--at'])] if '--at' in o else range(first, total + 1, step)
                for n in at:
                    rc, why, said = trial(w, job, kind, calls, how, n)
                    trials += 1
                    if '--at' in o:
                        print('# exit %d\n# out: %s\n# err: %s' % (rc, *said))
                    if why:
                        wrong.append('call %d of %d: %s' % (n, total, why.strip()))
                name = '%s, %s at %d of %d calls: nothing lost, the reason said, work goes on' % (job.name, kind, trials, total)
                tests = tell(tests, name, wrong)
            for name, (calls, number, kind, thin) in EACH.items():
                if o.get('--kind', name) != name:
                    continue
                total, tried, whole, wrong = each_call(w, job, calls, number, kind, thin, int(o.get('--trials', 0)))
                name = '%s, %s: %d of %d calls, %d of them as a whole' % (job.name, name, tried, total, whole)
                tests = tell(tests, name, wrong)
        print('1..%d' % tests)
    finally:
        if '--keep' in args:
            print('# ' + folder)
        else:
            subprocess.run(['rm', '-rf', folder])


if __name__ == '__main__':
    main()
