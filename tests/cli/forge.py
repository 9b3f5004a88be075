#!/usr/bin/env python3
"""Writes a commit that Akt would not write, signed with a member's keys, and prints its id.

  forge.py REPO IDENTITY [OPTION]... [CHANGE]...

Shares no code with the program: trees, trail values and SSHSIG come from hashlib and ssh-keygen, and
objects are written by hand, so that names and contents may be whatever git's own tools refuse.

  --parent REV      once or twice, or --root; main if none is named
  --tree REV        what the changes start from; the first parent's tree if not named
  --as HANDLE, --committer HANDLE, --store ID, --time SECONDS, --zone ZONE
  --verb VERB, --merge    the message: `akt: VERB`, and `Akt-Merge: 1`
  --message TEXT    the whole of it but the trail
  --trail HEX       states this trail value
  --head LINE       a header before the signature, and signed; --tail LINE one after it, which git leaves
                    out of what is signed if it begins with gpgsig
  --namespace NAME  of the signature; git if not named
  --unsigned, --empty-sig
  put PATH FILE     the file's bytes         text PATH TEXT      the text and a line feed
  copy PATH REV:P   a blob of the repository  sub PATH OLD NEW    replaced in the file that is there
  rm PATH           and folders left empty     mode PATH MODE      of a file that is there
  sha PATH MODE ID  any object, unread          hollow PATH         an empty folder
"""
import hashlib, os, subprocess, sys, tempfile, time, zlib


def fail(text):
    sys.exit('forge.py: ' + text)


class Repo:
    def __init__(self, path):
        self.path = path
        self.cat = subprocess.Popen(['git', '-C', path, 'cat-file', '--batch'], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, rev):
        self.cat.stdin.write(rev.encode() + b'\n')
        self.cat.stdin.flush()
        head = self.cat.stdout.readline().split()
        if len(head) != 3:
            fail('no such object: ' + rev)
        body = self.cat.stdout.read(int(head[2]))
        self.cat.stdout.read(1)
        return head[0].decode(), head[1].decode(), body

    def write(self, kind, body):
        raw = b'%s %d\0' % (kind.encode(), len(body)) + body
        name = hashlib.sha1(raw).hexdigest()
        path = '%s/objects/%s/%s' % (self.path, name[:2], name[2:])
        if not os.path.exists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as f:
                f.write(zlib.compress(raw, 1))
        return name


repo = None


class Blob:
    def __init__(self, mode, name, body=None):
        self.mode, self.name, self._body = mode, name, body

    def body(self):
        if self._body is None:
            self._body = repo.read(self.name)[2]
        return self._body

    def sha256(self):
        if self.mode == '160000':
            return b'\0' * 32
        if self.mode == '40000':
            return unread(self.name, 0)
        return hashlib.sha256(b'blob %d\0' % len(self.body()) + self.body()).digest()


known = {}


def unread(name, depth):
    """SHA-256 name of any object of the repository; what lies very deep is refused before that is looked at."""
    if name not in known and depth > 4:
        return b'\0' * 32
    if name not in known:
        kind, body = repo.read(name)[1:]
        if kind == 'tree':
            out, at = [], 0
            while at < len(body):
                nul = body.index(b'\0', at)
                out += [body[at:nul + 1], unread(body[nul + 1:nul + 21].hex(), depth + 1)]
                at = nul + 21
            body = b''.join(out)
        known[name] = hashlib.sha256(b'%s %d\0' % (kind.encode(), len(body)) + body).digest()
    return known[name]


def load(name):
    body, out = repo.read(name)[2], {}
    while body:
        head, rest = body.split(b'\0', 1)
        mode, file = head.decode('utf-8', 'surrogateescape').split(' ', 1)
        sha = rest[:20].hex()
        body = rest[20:]
        out[file] = load(sha) if mode == '40000' else Blob(mode, sha)
    return out


def order(item):
    return item[0].encode('utf-8', 'surrogateescape') + (b'/' if isinstance(item[1], dict) else b'')


def store(tree):
    """The tree's SHA-1 name and its SHA-256 one."""
    one, two = b'', b''
    for file, x in sorted(tree.items(), key=order):
        if isinstance(x, dict):
            mode, (a, b) = '40000', store(x)
        else:
            mode, a, b = x.mode, x.name, x.sha256()
        head = ('%s %s' % (mode, file)).encode('utf-8', 'surrogateescape') + b'\0'
        one += head + bytes.fromhex(a)
        two += head + b
    return repo.write('tree', one), hashlib.sha256(b'tree %d\0' % len(two) + two).digest()


def at(tree, path, make):
    *folders, file = path.split('/')
    for f in folders:
        if not isinstance(tree.get(f), dict):
            if not make:
                fail('no such path: ' + path)
            tree[f] = {}
        tree = tree[f]
    if not make and file not in tree:
        fail('no such path: ' + path)
    return tree, file


def change(tree, verb, path, take):
    if verb == 'rm':
        t, f = at(tree, path, False)
        del t[f]
        if not t and '/' in path:
            change(tree, 'rm', path.rsplit('/', 1)[0], None)
        return
    if verb == 'sub':
        t, f = at(tree, path, False)
        old, new = (os.fsencode(take()).replace(b'\\n', b'\n') for _ in range(2))
        body = t[f].body()
        if old not in body:
            fail('not in %s: %s' % (path, old.decode()))
        body = body.replace(old, new, 1)
    elif verb == 'mode':
        t, f = at(tree, path, False)
        t[f].mode = take()
        return
    elif verb == 'hollow':
        t, f = at(tree, path, True)
        t[f] = {}
        return
    elif verb == 'sha':
        t, f = at(tree, path, True)
        t[f] = Blob(take(), take())
        return
    else:
        what = take()
        if verb == 'put':
            with open(what, 'rb') as x:
                body = x.read()
        elif verb == 'text':
            body = os.fsencode(what) + b'\n'
        elif verb == 'copy':
            body = repo.read(what)[2]
        else:
            fail('what is %s?' % verb)
        t, f = at(tree, path, True)
    t[f] = Blob('100644', repo.write('blob', body), body)


def sign(identity, payload, namespace):
    with open(identity) as f:
        key = f.read().split('AGE-SECRET-KEY', 1)[0]
    with tempfile.TemporaryDirectory() as d:
        with open(d + '/key', 'w', opener=lambda p, fl: os.open(p, fl, 0o600)) as f:
            f.write(key)
        out = subprocess.run(['ssh-keygen', '-Y', 'sign', '-n', namespace, '-f', d + '/key'], input=payload, capture_output=True)
    if out.returncode:
        fail(out.stderr.decode())
    return out.stdout.strip()


def main():
    global repo
    args = sys.argv[1:]
    repo = Repo(args.pop(0))
    identity = args.pop(0)
    parents, heads, tails, o, changes = [], [], [], {}, []
    while args:
        a = args.pop(0)
        if a == '--parent':
            parents.append(args.pop(0))
        elif a == '--head':
            heads.append(args.pop(0))
        elif a == '--tail':
            tails.append(args.pop(0))
        elif a in ('--root', '--merge', '--unsigned', '--empty-sig'):
            o[a] = True
        elif a.startswith('--'):
            o[a] = args.pop(0)
        else:
            changes.append((a, args.pop(0), [args.pop(0) for _ in range({'sub': 2, 'sha': 2, 'rm': 0, 'hollow': 0}.get(a, 1))]))
    if not parents and '--root' not in o:
        parents = ['main']
    parents = [repo.read(p) for p in parents]
    for p in parents:
        if p[1] != 'commit':
            fail('a parent is no commit')
    first = repo.read(o['--tree'] + '^{tree}')[0] if '--tree' in o else parents[0][2].split(b'\n', 1)[0].split()[1].decode() if parents else None
    tree = load(first) if first else {}
    for verb, path, more in changes:
        change(tree, verb, path, lambda m=more: m.pop(0))
    name, sha256 = store(tree)
    trail = b'akt trail v1\0' + bytes([len(parents)])
    for p in parents:
        trail += bytes.fromhex(p[2].rsplit(b'Akt-Trail: 1 ', 1)[1][:64].decode()) + hashlib.sha256(p[2]).digest()
    trail = hashlib.sha256(trail + sha256).hexdigest()
    like = parents[0][2].decode('utf-8', 'replace') if parents else ''
    author = [l for l in like.split('\n') if l.startswith('author ')]
    handle = o.get('--as') or os.path.basename(identity).split('.')[0]
    where = o.get('--store') or (author[0].split('@')[1].split('>')[0] if author else fail('--store?'))
    when = o.get('--time') or str(max(int(time.time()), int(author[0].split()[-2]) if author else 0))
    def line(what, h):
        return '%s %s <%s@%s> %s %s' % (what, h, h, where, when, o.get('--zone', '+0000'))
    message = o['--message'] + '\n' if '--message' in o else 'akt: %s\n\n%s' % (
        o.get('--verb', 'merge' if '--merge' in o else 'set'), 'Akt-Merge: 1\n' if '--merge' in o else '')
    head = ['tree ' + name] + ['parent ' + p[0] for p in parents] + [line('author', handle), line('committer', o.get('--committer', handle))]
    if o.get('--trail') != 'none':
        message += 'Akt-Trail: 1 %s\n' % o.get('--trail', trail)
    payload = '\n'.join(head + heads + [t for t in tails if not t.startswith('gpgsig')]) + '\n\n' + message
    body = '\n'.join(head + heads)
    if '--empty-sig' in o:
        body += '\ngpgsig -----BEGIN SSH SIGNATURE-----\n -----END SSH SIGNATURE-----'
    elif '--unsigned' not in o:
        body += '\ngpgsig ' + sign(identity, payload.encode(), o.get('--namespace', 'git')).decode().replace('\n', '\n ')
    body += ''.join('\n' + t for t in tails) + '\n\n' + message
    print(repo.write('commit', body.encode()))


main()
