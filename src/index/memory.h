/** SQLite's memory. For index/ alone. */
#ifndef AKT_INDEX_MEMORY_H
#define AKT_INDEX_MEMORY_H

/** Before anything else is asked of SQLite; again does nothing. Its memory is the program's from then on: none left
 * ends the program, and what is given back is wiped, for it held pages and rows of records. */
void memory_init(void);

#endif
