#include <asm/unistd.h>
#include <spawn.h>

/* Hidden behind _GNU_SOURCE, which the Swift importer does not define. */
extern int memfd_create(const char *, unsigned int);
extern int pipe2(int[2], int);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
