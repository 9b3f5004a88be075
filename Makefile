# Akt. `make demo` and `make test` do everything; `make` only builds ./akt.
#   V=debug|san|release|cov   variant, under build/$(V)/
#   make unit M=tree      one module's tests
SHELL = /bin/bash
.SHELLFLAGS = -eu -o pipefail -c
.DEFAULT_GOAL = all

V ?= release
B = build/$(V)

# Each module and what it may include; src/LAYERS says the same and `make check` compares
# every #include with it. Order matters to the linker: last uses first.
MODULES = base tree schema crypt git merge trail vault index sync rules report app cli
DEPS_base =
DEPS_tree = base
DEPS_schema = base tree
DEPS_crypt = base
DEPS_git = base
DEPS_merge = base tree schema
DEPS_trail = base tree schema crypt git merge
DEPS_vault = $(DEPS_trail) trail
DEPS_index = base tree schema crypt
DEPS_sync = $(DEPS_vault) vault
DEPS_rules = base tree
DEPS_report = base tree
DEPS_app = $(DEPS_sync) sync index rules report
DEPS_cli = $(DEPS_app) app

PKGS = libsodium yaml-0.1 libpcre2-8 libgit2 zlib libkeyutils sqlite3
EXTRA_LIBS = -lunistring -lm

# the goals that install first must not ask before they have
ifeq ($(filter-out demo test coverage lint deps bench clean,$(or $(MAKECMDGOALS),all)),$(or $(MAKECMDGOALS),all))
-include build/pkg.mk
endif

CC ?= cc
AKT_CFLAGS = -std=c11 -D_GNU_SOURCE -Isrc -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -Wvla -Werror -g -fno-omit-frame-pointer -MMD -MP $(PKG_CFLAGS)
AKT_LDLIBS = $(PKG_LIBS) $(EXTRA_LIBS)
ifeq ($(V),san)
AKT_CFLAGS += -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -DAKT_SANITIZE
AKT_LDFLAGS = -fsanitize=address,undefined
else ifeq ($(V),debug)
AKT_CFLAGS += -O0
else ifeq ($(V),release)
AKT_CFLAGS += -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
AKT_LDFLAGS = -pie -Wl,-z,relro,-z,now
else ifeq ($(V),cov)
# asserts and out-of-memory ends are no branches that a test should take
AKT_CFLAGS += -O0 --coverage -fprofile-update=atomic
AKT_LDFLAGS = --coverage -Wl,--wrap=_exit
# counts are written at exit(): what ends by _exit, such as the agent that keeps an identity, would not be counted
COUNTED = $(B)/tests/coverage/exit.o
else
$(error V must be debug, san, release or cov)
endif

VERSION = 0.1
PREFIX ?= /usr/local
# Found at run time: beside the program in a checkout, else the installed place.
AKT_CFLAGS += -DAKT_VERSION='"$(VERSION)"' -DAKT_LOCALEDIR='"$(PREFIX)/share/locale"' -DAKT_DATADIR='"$(PREFIX)/share/akt"'

comma = ,
srcs = $(filter-out src/cli/main.c,$(wildcard src/$(1)/*.c))
objs = $(patsubst src/%.c,$(B)/%.o,$(call srcs,$(1)))
# archives of a module and all it needs, users first
rev = $(if $(1),$(call rev,$(wordlist 2,99,$(1))) $(firstword $(1)))
libs = $(patsubst %,$(B)/lib%.a,$(1) $(call rev,$(DEPS_$(1))))

$(B)/%.o: src/%.c build/pkg.mk
	@mkdir -p $(@D)
	@echo CC $<; $(CC) $(AKT_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

define module
$(B)/lib$(1).a: $(call objs,$(1))
	@mkdir -p $$(@D); rm -f $$@
	@ar rcsD $$@ $$^
# tests/MODULE/test_*.c: one program each; other .c files there are shared helpers
TESTS_$(1) = $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/$(1)/test_*.c))
HELPERS_$(1) = $(patsubst tests/%.c,$(B)/tests/%.o,$(filter-out tests/$(1)/test_%.c tests/$(1)/fuzz_%.c,$(wildcard tests/$(1)/*.c)))
$$(TESTS_$(1)): $(B)/tests/%: $(B)/tests/%.o $$(HELPERS_$(1)) $$(COUNTED) $(call libs,$(1))
	@echo LD $$@; $$(CC) $$(AKT_LDFLAGS) $$(LDFLAGS) -o $$@ $$^ -lcmocka -lz $$(AKT_LDLIBS)
endef
$(foreach m,$(MODULES),$(eval $(call module,$(m))))

# The calls that tests have refused, or answered otherwise.
$(B)/tests/vault/test_read_back: AKT_LDFLAGS += -Wl,--wrap=age_encrypt,--wrap=yaml_emit
$(B)/tests/vault/test_ahead: AKT_LDFLAGS += -Wl,--wrap=worker_new
$(B)/tests/trail/test_verify_lost: AKT_LDFLAGS += -Wl,--wrap=git_read,--wrap=git_commit_links,--wrap=git_walk
$(B)/tests/git/test_disk_refused: AKT_LDFLAGS += -Wl,--wrap=readdir,--wrap=lstat
REFUSED = socket bind chmod listen getsockopt send recv fork waitpid open fcntl dup2 close_range chdir setrlimit prctl timerfd_create \
	timerfd_settime poll accept4 add_key keyctl_set_timeout keyctl_link keyctl_unlink keyctl_search keyctl_read keyctl_invalidate
$(B)/tests/crypt/test_keep_refused: AKT_LDFLAGS += $(addprefix -Wl$(comma)--wrap=,$(REFUSED))

# A store damaged byte by byte, over all that stands below cli/.
DAMAGE = $(B)/tests/damage/test_damage
$(DAMAGE): $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/damage/*.c)) $(COUNTED) $(call libs,app)
	@echo LD $@; $(CC) $(AKT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(AKT_LDLIBS)

$(B)/tests/%.o: tests/%.c build/pkg.mk
	@mkdir -p $(@D)
	@echo CC $<; $(CC) $(AKT_CFLAGS) -Itests $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/akt: $(B)/cli/main.o $(COUNTED) $(call libs,cli)
	@echo LD $@; $(CC) $(AKT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(AKT_LDLIBS)

.PHONY: all damage deps unit unit-data test-unit scenarios simulators simulate simulate-real simulate-mutants test test-all test-own check lint coverage demo bench bench-sizes bench-unit bench-others clean fuzz po FORCE faults valgrind valgrind-all
all: $(B)/akt build/locale/sv/LC_MESSAGES/akt.mo
	ln -sf $(B)/akt akt

# The simulator: the program's own code over repositories in memory (docs/simulation.md). What tests/sim/mem_*.c defines
# stands in place of the archives' own.
SIM_WRAP = state_cache_new state_cache_free devices_sync devices_join policy_judge yaml_parse schema_compile schema_free \
	objects_cache_new objects_cache_free objects_of_cache objects_cache_failed
$(B)/tests/sim/sim: $(patsubst tests/%.c,$(B)/tests/%.o,$(wildcard tests/sim/*.c)) \
		$(addprefix $(B)/git/,tree.o diff.o update.o walk.o) $(COUNTED) $(call libs,app)
	@echo LD $@; $(CC) $(AKT_LDFLAGS) $(LDFLAGS) -Wl,--allow-multiple-definition \
		$(addprefix -Wl$(comma)--wrap=,$(SIM_WRAP)) -o $@ $^ $(AKT_LDLIBS)

# The same over real repositories, through the real program.
REAL_WRAP = app_new app_set app_resolve app_member_add app_member_remove app_member_role app_device_add app_device_revoke \
	app_team app_access app_erase sync_run sync_admit sync_join policy_judge
REAL = $(B)/tests/sim/real
$(REAL)/real: $(patsubst tests/%.c,$(B)/tests/%.o,$(filter-out tests/sim/sim.c tests/sim/mem_%.c,$(wildcard tests/sim/*.c)) \
		$(addprefix tests/sim/real/,mem.c program.c exec.c main.c)) $(COUNTED) $(call libs,app)
	@echo LD $@; $(CC) $(AKT_LDFLAGS) $(LDFLAGS) $(addprefix -Wl$(comma)--wrap=,$(REAL_WRAP)) -o $@ $^ $(AKT_LDLIBS)
$(REAL)/clock.so: tests/sim/real/clock.c
	@mkdir -p $(@D)
	@echo LD $@; $(CC) -O1 -Wall -Wextra -fPIC -shared -o $@ $<

# --- what must be installed -------------------------------------------------
build/pkg.mk: tools/deps
	@mkdir -p build
	@tools/deps check build
	@{ echo "PKG_CFLAGS = $$(pkg-config --cflags $(PKGS))"; \
	   echo "PKG_LIBS = $$(pkg-config --libs $(PKGS))"; } > $@

deps:
	tools/deps install all

# --- text for people --------------------------------------------------------
build/locale/sv/LC_MESSAGES/akt.mo: po/sv.po
	@mkdir -p $(@D)
	msgfmt --check -o $@ $<

po:
	xgettext --from-code=UTF-8 -k_ -kN_ -kngettext:1,2 --add-comments=TRANSLATORS --sort-by-file --add-location=file \
		-o build/akt.pot $(sort $(wildcard src/*/*.c src/*/*.h))
	msgmerge --update --backup=none --no-wrap --no-fuzzy-matching po/sv.po build/akt.pot

# --- manual pages and installing ----------------------------------------------
# What the command table says comes from the program itself, what a store's files are from docs/formats.md.
MAN1 = $(notdir $(wildcard man/*.1))
MAN = $(MAN1:%=build/man/man1/%) $(MAN1:%=build/man/sv/man1/%) build/man/man5/akt.5
.PHONY: man install uninstall deb deb-test
man: $(MAN)
build/man/man1/%.1: man/%.1 $(B)/akt
	@mkdir -p $(@D)
	@echo MAN $@; AKT_LANG=en $(B)/akt manual $< >$@.new && mv $@.new $@
build/man/sv/man1/%.1: man/sv/%.1 $(B)/akt build/locale/sv/LC_MESSAGES/akt.mo
	@mkdir -p $(@D)
	@echo MAN $@; AKT_LANG=sv $(B)/akt manual $< >$@.new && mv $@.new $@
build/man/man5/akt.5: docs/formats.md tools/formats-page
	@mkdir -p $(@D)
	@echo MAN $@; tools/formats-page $< >$@.new && mv $@.new $@

# What is installed is found from the program's own place: PREFIX may be another than it was built with.
SHARE = $(DESTDIR)$(PREFIX)/share
ZSH_FUNCTIONS ?= zsh/site-functions
install: all $(MAN)
	install -D -m 755 $(B)/akt $(DESTDIR)$(PREFIX)/bin/akt
	install -D -m 644 build/locale/sv/LC_MESSAGES/akt.mo $(SHARE)/locale/sv/LC_MESSAGES/akt.mo
	install -D -m 644 completion/akt.bash $(SHARE)/bash-completion/completions/akt
	install -D -m 644 completion/akt.zsh $(SHARE)/$(ZSH_FUNCTIONS)/_akt
	install -D -m 644 completion/akt.fish $(SHARE)/fish/vendor_completions.d/akt.fish
	for f in $(MAN:build/man/%=%); do install -D -m 644 build/man/$$f $(SHARE)/man/$$f; done
	for f in $$(find schema -type f); do install -D -m 644 $$f $(SHARE)/akt/$$f; done
	for f in hooks/*; do install -D -m 755 $$f $(SHARE)/akt/$$f; done
	for f in README.md SECURITY.md ARCHITECTURE.md docs/*.md; do install -D -m 644 $$f $(SHARE)/doc/akt/$$(basename $$f); done
	for f in $$(find records -type f); do install -D -m 644 $$f $(SHARE)/doc/akt/examples/$$f; done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/akt $(SHARE)/locale/sv/LC_MESSAGES/akt.mo $(SHARE)/bash-completion/completions/akt \
		$(SHARE)/$(ZSH_FUNCTIONS)/_akt $(SHARE)/fish/vendor_completions.d/akt.fish $(MAN:build/man/%=$(SHARE)/man/%)
	rm -rf $(SHARE)/akt $(SHARE)/doc/akt

# A Debian package, build/deb/akt_VERSION_ARCH.deb; deb-test installs it in a clean system of its own and works there.
deb: all $(MAN)
	tools/deb $(VERSION)
deb-test: deb
	tools/deb-test build/deb/akt_$(VERSION)_$$(dpkg --print-architecture).deb

# --- tests ------------------------------------------------------------------
unit: build/locale/sv/LC_MESSAGES/akt.mo $(if $(M),$(TESTS_$(M)),$(foreach m,$(MODULES),$(TESTS_$(m))))
	tests/run $(filter-out %.mo,$^)

# One scenario a file, through the real program; SCENARIO=tests/cli/x.sh runs one.
SCENARIO = $(sort $(wildcard tests/cli/test_*.sh))
scenarios: $(B)/akt build/locale/sv/LC_MESSAGES/akt.mo
	AKT=$(CURDIR)/$(B)/akt tests/run $(SCENARIO)

# The simulated unit (docs/domain.md): SCALE=1 is 60 staff and 11,200 records, SCALE=5 the stress set; kept under build/unit/.
SCALE ?= 1
unit-data: $(B)/akt
	AKT=$(CURDIR)/$(B)/akt tests/unit/build $(SCALE) build/unit/$(SCALE)

test-unit: unit-data
	UNIT_SCALE=$(SCALE) UNIT_DIR=build/unit/$(SCALE) AKT=$(CURDIR)/$(B)/akt tests/run tests/unit/run

# Schedules of several machines in process, on two cores; FIRST is the first seed. What fails is told with its shortest
# replay and the seed to run it by (docs/simulation.md).
FIRST = 1
simulate: N = 1000000
simulate: simulators
	build/release/tests/sim/sim -n $(N) -f $(FIRST)

# The same with real repositories and the program itself, over folders, ssh and http.
simulate-real: N = 200
simulate-real: simulators
	tests/sim/real/run $(N) $(FIRST)

# Breaks the program in one place after another and expects the simulator to see each.
simulate-mutants: simulators
	tests/sim/mutants

# Built for speed, whatever the variant.
SIMULATORS = $(addprefix build/release/tests/sim/,sim real/real real/clock.so)
simulators:
	@$(MAKE) --no-print-directory V=release build/release/akt $(SIMULATORS)

check: build/pkg.mk
	tools/check

# clang-tidy and cppcheck; minutes.
lint:
	@tools/deps install all
	@$(MAKE) --no-print-directory build/pkg.mk
	@tools/lint

# Everything, with AddressSanitizer and UndefinedBehaviorSanitizer; last line N passed, N failed.
test:
	@tools/deps install test
	@$(MAKE) --no-print-directory -j$$(nproc) V=release all $(SIMULATORS) build/release/tests/damage/test_damage
	@$(MAKE) --no-print-directory -j$$(nproc) V=san test-all

# Stands between the program and the system; the faults' tests run the release program, which every variant's need.
build/faults/shim.so: $(wildcard tests/faults/*.c) tests/faults/shim.h
	@mkdir -p $(@D)
	@echo LD $@; $(CC) -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wno-array-parameter -fPIC -ftls-model=initial-exec \
		-shared -shared-libgcc -Wl,-z,now -o $@ $(filter %.c,$^) -ldl -lpthread

# Every way to a call of the program failed, killed and interrupted there, and the power lost at every change of the disk:
# an hour or more. FAULTS_ALL=1: every call. `make test` takes a few of each.
faults: build/faults/shim.so
	@$(MAKE) --no-print-directory V=release all
	@SAVES=1000 TEST_TIMEOUT=100000 AKT=$(CURDIR)/build/release/akt tests/run tests/faults/test_odd.sh tests/faults/run

# Tests of the build that V names, and those that take the release build whatever V says.
OWN_TESTS = tests/unit/run tests/requirements/run tests/domain/run tests/domain/rules/run tests/docs/run tests/report/run $(SCENARIO) \
	$(B)/tests/sim/sim $(foreach m,$(MODULES),$(TESTS_$(m))) $(DAMAGE)
RELEASE_TESTS = tests/faults/test_odd.sh tests/package/run build/release/tests/sim/sim tests/sim/real/run build/release/tests/damage/test_damage
OWN_BUILT = $(filter $(B)/%,$(OWN_TESTS)) $(B)/akt build/locale/sv/LC_MESSAGES/akt.mo build/npm/browser

test-all: $(OWN_BUILT) build/faults/shim.so simulators
	@AKT=$(CURDIR)/$(B)/akt TRIALS=1 EVERY_LOSS=200 tests/run tests/faults/run tools/check-tap \
		$(filter-out $(OWN_TESTS),$(RELEASE_TESTS)) $(OWN_TESTS)

test-own: $(OWN_BUILT)
	@AKT=$(CURDIR)/$(B)/akt tests/run $(OWN_TESTS)

# Every byte of a small store changed, every file cut at every length: an hour or more. DAMAGE_CASES=N: about N places a file.
DAMAGE_CASES ?= all
damage: $(DAMAGE)
	AKT_DAMAGE=$(DAMAGE_CASES) $<

# Values that were never set, which the sanitizers do not see: all unit tests and some scenarios under valgrind.
VALGRIND_SCENARIOS = $(patsubst %,tests/cli/test_%.sh,toy record schema search)
valgrind:
	@$(MAKE) --no-print-directory -j$$(nproc) V=debug valgrind-all
valgrind-all: $(B)/akt build/locale/sv/LC_MESSAGES/akt.mo $(foreach m,$(MODULES),$(TESTS_$(m)))
	@AKT=$(CURDIR)/tests/valgrind-akt TEST_UNDER=tests/valgrind TEST_TIMEOUT=7200 tests/run \
		$(VALGRIND_SCENARIOS) $(foreach m,$(MODULES),$(TESTS_$(m)))

# docs/coverage.md, from a run without optimisation of all tests that run their own build: the rest would count nothing.
coverage:
	@tools/deps install all
	@find build/cov -name '*.gcda' -delete 2>/dev/null || true
	@$(MAKE) --no-print-directory -j$$(nproc) V=cov test-own
	@tools/coverage

demo:
	@tools/deps install demo
	@$(MAKE) --no-print-directory -j$$(nproc) V=release all
	@tools/demo

# What is measured beside the program, or makes what is measured (bench/): some need only libgit2 and libsodium, some Akt's modules.
BENCH = build/release/bench
BENCH_PROGRAMS = $(addprefix $(BENCH)/,bare_open openings akt-unsealed saves read_all use)
$(BENCH)/%.o: bench/%.c build/pkg.mk
	@mkdir -p $(@D)
	@echo CC $<; $(CC) $(AKT_CFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
$(BENCH)/bare_open $(BENCH)/read_all $(BENCH)/use: %: %.o
	@echo LD $@; $(CC) $(AKT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(AKT_LDLIBS)
$(BENCH)/openings $(BENCH)/saves: %: %.o $(call libs,app)
	@echo LD $@; $(CC) $(AKT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(AKT_LDLIBS)
$(BENCH)/akt-unsealed: $(BENCH)/unsealed.o $(B)/cli/main.o $(call libs,cli)
	@echo LD $@; $(CC) $(AKT_LDFLAGS) $(LDFLAGS) -o $@ $^ $(AKT_LDLIBS)

bench:
	@tools/deps install test
	@$(MAKE) --no-print-directory -j$$(nproc) V=release all $(BENCH_PROGRAMS)
	@bench/run
	@bench/sizes
	@bench/unit
	@bench/history

# What people do at some sizes alone: BENCH_SIZES="10000" make bench-sizes
bench-sizes:
	@$(MAKE) --no-print-directory V=release all $(BENCH_PROGRAMS)
	@bench/sizes

# The simulated unit alone, some of it: BENCH_UNITS="1" make bench-unit
bench-unit:
	@$(MAKE) --no-print-directory V=release all $(BENCH_PROGRAMS)
	@bench/unit

# Beside git-crypt and pass, which must be there.
bench-others:
	@$(MAKE) --no-print-directory V=release all $(BENCH_PROGRAMS)
	@bench/others

# Coverage-guided fuzzing of every parser of untrusted bytes: FUZZ_S seconds each; their corpora
# are replayed by the unit tests.
FUZZ_S ?= 60
FUZZERS = $(patsubst tests/%.c,build/fuzz/%,$(wildcard tests/*/fuzz_*.c))
fuzz: $(FUZZERS)
	@for f in $^; do d=tests/$$(basename $$(dirname $$f))/corpus/$$(basename $$f | sed s/^fuzz_//); \
		mkdir -p build/fuzz/new/$$(basename $$f); echo "== $$f"; \
		$$f -max_total_time=$(FUZZ_S) -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
			-artifact_prefix=build/fuzz/ build/fuzz/new/$$(basename $$f) $$d 2>&1 | tail -n 12; done
build/fuzz/%: tests/%.c build/pkg.mk FORCE
	@mkdir -p $(@D)
	@echo FUZZ $@; m=$(firstword $(subst /, ,$*)); clang $(filter-out -MMD -MP -Werror,$(AKT_CFLAGS)) -O1 \
		-fsanitize=fuzzer,address,undefined -Itests -o $@ $< \
		$(foreach d,$(firstword $(subst /, ,$*)) $(DEPS_$(firstword $(subst /, ,$*))),$(call srcs,$(d))) $(AKT_LDLIBS)
FORCE:

# Public test vectors of the age format; the package is data only.
build/npm/cctv-age:
	@mkdir -p $(@D)
	npm install --prefix build/npm --no-audit --no-fund cctv-age@0.2.0
	@touch $@

$(TESTS_crypt): | build/npm/cctv-age

# A browser's driver and the rules of WCAG 2.2, for the reports; the browser is Debian's. After the other: npm writes one folder.
build/npm/browser: | build/npm/cctv-age
	npm install --prefix build/npm --no-audit --no-fund playwright-core@1.56.1 axe-core@4.14.1
	@touch $@

clean:
	rm -rf build akt

-include $(shell find build -name '*.d' -type f 2>/dev/null)
