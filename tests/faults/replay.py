#!/usr/bin/env python3
"""Power loss: what the program changes on the disk is written down (shim.c), call by call, and each prefix of it is
played onto a disk that has lost what was not synced. There the store must open, verify, hold every save that was
acknowledged before, and take the next one. Speaks TAP.

  replay.py PROGRAM SHIM [--every N] [--at N] [--model M] [--keep] [--deaf]

--deaf: the same on a disk that forgets every sync; that must go wrong, else the losses are none.

The disk, at the moment of the loss:
  strict    a folder shows what it showed when it was last synced, a file holds what it held then (POSIX promises no more)
  journal   folders show everything in order, as with a journal; files hold what was synced, new ones nothing
  mixed     each folder and each file the one or the other, and files cut off anywhere, by a fixed throw of dice
"""
import os, random, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import faults

MODELS = ('strict', 'journal', 'mixed')


class File:
    def __init__(self, synced):
        self.synced = synced          # None: never
        self.now = bytearray(synced or b'')


class Folder:
    """What it shows, and what it showed when it was last synced; a folder moved is the same one elsewhere."""

    def __init__(self):
        self.now, self.synced = {}, {}


class Disk:
    """Folders and files, as the programs see them and as they are on the disk."""

    def __init__(self, root):
        self.root, self.open = root, {}
        self.there, self.was = {}, {}
        self.deaf = '--deaf' in sys.argv
        self.top = self.load(root)

    def load(self, path):
        f = Folder()
        for e in os.scandir(path):
            if e.is_dir():
                f.now[e.name] = self.load(e.path)
            else:
                with open(e.path, 'rb') as x:
                    f.now[e.name] = File(x.read())
        f.synced = dict(f.now)
        return f

    def at(self, path):
        """The folder that a path lies in, and its name there."""
        *folders, name = os.path.normpath(path)[len(self.root) + 1:].split('/')
        f = self.top
        for x in folders:
            f = f.now[x]
        return f, name

    def play(self, line, data):
        pid, what, *a = line.split('\t')
        if what == 'sync':
            f = self.open[pid, a[0]]
            if not self.deaf:
                f.synced = bytes(f.now) if isinstance(f, File) else dict(f.now)
        elif what == 'open':
            f, name = self.at(a[1])
            self.open[pid, a[0]] = f.now[name] if name else self.top
        elif what == 'close':
            self.open.pop((pid, a[0]), None)
        elif what == 'write':
            f, at = self.open[pid, a[0]], int(a[1])
            f.now.extend(b'\0' * (at - len(f.now)))
            f.now[at:at + len(data)] = data
        elif what == 'map':
            self.open[pid, 'map', a[0]] = self.open[pid, a[1]]
        elif what == 'mapped':
            f, at = self.open[pid, 'map', a[0]], int(a[1])
            f.now[at:at + len(data)] = data[:max(0, len(f.now) - at)]
        elif what == 'truncate':
            f, n = self.open[pid, a[0]], int(a[1])
            del f.now[n:]
            f.now.extend(b'\0' * (n - len(f.now)))
        elif what in ('create', 'mkdir'):
            f, name = self.at(a[0])
            f.now[name] = File(None) if what == 'create' else Folder()
        elif what in ('unlink', 'rmdir'):
            f, name = self.at(a[0])
            del f.now[name]
        elif what in ('rename', 'link'):
            (f, name), (to, new) = self.at(a[0]), self.at(a[1])
            to.now[new] = f.now[name]
            if what == 'rename':
                del f.now[name]

    def lose(self, model, dice):
        """Path to contents (None: a folder) on the disk after the loss."""
        out = {}

        def show(folder, at):
            now = model == 'journal' or model == 'mixed' and dice.random() < .5
            for name, f in sorted((folder.now if now else folder.synced).items()):
                if isinstance(f, Folder):
                    out[at + name] = None
                    show(f, at + name + '/')
                elif model == 'mixed' and dice.random() < .5:
                    # what was not synced may have been written all the same, a new file in part
                    out[at + name] = bytes(f.now) if f.synced is not None else bytes(f.now[:dice.randrange(len(f.now) + 1)])
                else:
                    out[at + name] = f.synced or b''

        show(self.top, '')
        return out

    def put(self, state, like):
        """Modes are the copy's, where it has the file; objects are read-only, as git makes them. What lies there already,
        from the last time, stays."""
        if not self.was:
            subprocess.run(['rm', '-rf', self.root], check=True)
            os.mkdir(self.root)
        now, whole = faults.look(self.root), set()
        for to in sorted(now, reverse=True):
            p = os.path.relpath(to, self.root)
            if p in state and now[to] == self.was.get(to) and state[p] == self.there.get(p):
                whole.add(p)
            elif isinstance(now[to], tuple):
                os.unlink(to)
            elif p not in state or state[p] is not None:
                os.rmdir(to)
            else:
                whole.add(p)
        for p, data in state.items():
            to = os.path.join(self.root, p)
            if p in whole:
                continue
            if data is None:
                os.mkdir(to)
                continue
            with open(to, 'wb') as f:
                f.write(data)
            old = os.path.join(like, p)
            os.chmod(to, os.stat(old).st_mode & 0o777 if os.path.exists(old) else 0o600)
        self.there, self.was = state, faults.look(self.root)


def read_log(path):
    """(line, data) in order; an acknowledgement is a line of its own."""
    with open(path, 'rb') as f:
        while True:
            line = f.readline()
            if not line:
                return
            line = line[:-1].decode()
            data = b''
            if line.split('\t')[1] in ('write', 'mapped'):
                data = f.read(int(line.split('\t')[4]))
                f.read(1)
            yield line, data


def record(w):
    """What two machines do in a while; each command's end is noted in the log. The expected fields by then."""
    steps, log = [], w.folder + '/log'
    w.restore('base')
    w.must('bo', 'set', w.hive, 'site=hill')
    w.must('bo', 'sync')
    # what is there when the machine starts lasts, and nobody is in the way
    shutil.rmtree(w.folder + '/before', ignore_errors=True)
    subprocess.run(['cp', '-a', w.dir, w.folder + '/before'], check=True)

    def do(who, *args, holds=None):
        env = dict(w.env, AKT_IDENTITY='%s/%s.id' % (w.dir, who), AKT_STORE='%s/%s' % (w.dir, who), LD_PRELOAD=w.shim,
                   AKT_FAULT_DIR=w.dir, AKT_FAULT_LOG=log)
        p = subprocess.run([w.akt, *args], env=env, stdin=subprocess.DEVNULL, capture_output=True, cwd=w.folder)
        if p.returncode:
            sys.exit('# %s: %d %s' % (' '.join(args), p.returncode, p.stderr.decode()))
        out = p.stdout.decode().strip()
        steps.append((who, ' '.join(args)[:40], holds(out) if holds else None))
        with open(log, 'a') as f:
            f.write('0\tack\t%d\n' % (len(steps) - 1))
        return out

    do('anna', 'set', w.hive, 'count=3', holds=lambda o: (w.hive, 'count', 3))
    do('anna', 'set', w.hive, 'count=4', holds=lambda o: (w.hive, 'count', 4))
    do('anna', 'new', 'hive', '--set', 'name=Fresh', holds=lambda o: (o, 'name', 'Fresh'))
    do('anna', 'import', w.dir + '/in', holds=lambda o: ('hive-import0b', 'name', 'b'))
    do('anna', 'sync', holds=lambda o: (w.hive, 'site', 'hill'))
    do('anna', 'list')
    do('anna', 'gc')
    do('anna', 'erase', w.doomed, '--basis', 'gdpr')
    do('anna', 'set', w.hive, 'count=5', holds=lambda o: (w.hive, 'count', 5))
    do('anna', 'sync')
    return steps, list(read_log(log))


def check(w, acked, steps):
    """Why the machine is not well after the loss, or ''."""
    rc, out, err = w.run('anna', 'verify', '--content', '--full')
    if rc:
        return 'verify: %d %s%s' % (rc, out, err)
    want = {}
    for _, _, holds in steps[:acked]:
        if holds:
            want[holds[0], holds[1]] = holds[2]
    for (record, field), value in want.items():
        got = w.field('anna', record, field)
        # what was under way may have come to its end
        later = [h[2] for _, _, h in steps[acked:acked + 1] if h and h[:2] == (record, field)]
        if got != value and got not in later:
            return '%s of %s is %s, acknowledged was %s' % (field, record, got, value)
    return faults.goes_on(w)


def main():
    args = sys.argv[1:]
    akt, shim = (os.path.abspath(a) for a in args[:2])
    o = {'--every': '1'}
    for i, a in enumerate(args):
        if a.startswith('--'):
            o[a] = args[i + 1] if i + 1 < len(args) else ''
    room = os.access('/dev/shm', os.W_OK) and shutil.disk_usage('/dev/shm').free > 400 << 20
    folder = tempfile.mkdtemp(prefix='akt-replay-', dir='/dev/shm' if room else None)
    tests = bad = 0
    try:
        w = faults.World(akt, shim, folder)
        w.make()
        steps, log = record(w)
        shutil.rmtree(folder + '/after', ignore_errors=True)
        subprocess.run(['cp', '-a', w.dir, folder + '/after'], check=True)
        # a loss before a call that changes nothing is the loss before
        points = [i for i, (l, _) in enumerate(log) if l.split('\t')[1] not in ('open', 'close', 'map', 'ack')]
        for m, model in enumerate(MODELS):
            if o.get('--model', model) != model:
                continue
            every = int(o['--every'])
            chosen = {int(o['--at'])} if '--at' in o else set(points[m * every // len(MODELS)::every]) | {len(log)}
            w.restore('before')
            disk, acked, wrong, tried, known = Disk(w.dir), 0, [], 0, set()
            for i in range(len(log) + 1):
                if i in chosen:
                    tried += 1
                    dice = random.Random(i)
                    state = disk.lose(model, dice)
                    # many a change shows only with the next sync: until then the disk is the one that was looked at
                    key = hash(frozenset(state.items())), acked
                    if key not in known:
                        disk.put(state, folder + '/after')
                        why = check(w, acked, steps)
                        known.add(key)
                    else:
                        why = ''
                    if why and '--keep' in args:
                        disk.put(disk.lose(model, random.Random(i)), folder + '/after')
                        subprocess.run(['cp', '-a', w.dir, '%s/lost-%d' % (folder, i)], check=True)
                    if why:
                        wrong.append('call %d (%s), in %s: %s' % (i, log[i][0] if i < len(log) else 'end', steps[min(acked, len(steps) - 1)][1], why.strip()))
                if i < len(log):
                    if log[i][0].split('\t')[1] == 'ack':
                        acked = int(log[i][0].split('\t')[2]) + 1
                    else:
                        disk.play(*log[i])
            tests += 1
            if disk.deaf:
                print('%s %d - power lost on a disk that forgets every sync: saves are lost' % ('ok' if wrong else 'not ok', tests))
                bad += not wrong
                continue
            bad += bool(wrong)
            print('%s %d - power lost at %d of %d changes, %s, %d different disks: the store opens, verifies, has every acknowledged save' % (
                'not ok' if wrong else 'ok', tests, tried, len(points), model, len(known)))
            for x in wrong[:12]:
                print('# ' + x.replace('\n', '\n#   '))
            if len(wrong) > 12:
                print('# and %d more' % (len(wrong) - 12))
            sys.stdout.flush()
        print('1..%d' % tests)
        sys.exit(bad > 0)
    finally:
        if '--keep' in args:
            print('# ' + folder)
        else:
            subprocess.run(['rm', '-rf', folder])


if __name__ == '__main__':
    main()
