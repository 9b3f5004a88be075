"""Runs a command on a terminal of its own: terminal.py ['PROMPT=answer' ...] -- COMMAND...
Each answer is typed when its prompt has been shown (and TERMINAL_WAIT seconds have passed), in order. Prints what the terminal showed and
exits with the command's status."""
import os, pty, select, signal, sys, time

i = sys.argv.index("--")
answers = [a.split("=", 1) for a in sys.argv[1:i]]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[i + 1], sys.argv[i + 1:])
shown, seen, end = b"", 0, time.time() + 30
while time.time() < end:
    if not select.select([fd], [], [], 1)[0]:
        continue
    try:
        more = os.read(fd, 65536)
    except OSError:
        more = b""
    if not more:
        break
    shown += more
    if answers:
        at = shown.find(answers[0][0].encode(), seen)
        if at >= 0:
            seen = at + len(answers[0][0])
            time.sleep(float(os.environ.get("TERMINAL_WAIT", "0.05")))  # the echo is switched off right after the prompt
            os.write(fd, answers.pop(0)[1].encode() + b"\n")
else:
    os.kill(pid, signal.SIGKILL)
    shown += b"\n[gave up waiting]\n"
sys.stdout.write(shown.decode("utf-8", "replace").replace("\r\n", "\n"))
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) & 0xff)
