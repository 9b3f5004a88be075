/** The exact words of every refusal in Swedish beside the English: tests/trail/words/NAME.txt holds them, a line each;
 * with UPDATE=1 it is written anew, to be read before it is committed. */
#ifndef AKT_TESTS_TRAIL_WORDS_H
#define AKT_TESTS_TRAIL_WORDS_H

/** `swedish` says the same in Swedish; messages of the walk are taken from behind their rule. */
void words_add(const char *rule, const char *english, const char *swedish);
/** All that was added against the file, as a cmocka group's last test. */
void words_stand(const char *name);
/** Texts are given in Swedish from here on, or in English again. */
void words_in_swedish(int yes);

#endif
