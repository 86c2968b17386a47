/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The memory of a witness in SQLite: one row an origin, and each change on
 * disk before it is answered for (synchronous FULL). Two processes on one
 * file cannot undo each other: a change names what it replaces.
 */
#include "witness/witness.h"

struct witness_database;

/* Open the file, or make it; null path for one in memory. */
int witness_database_open(const char *path,
                          struct witness_database **database,
                          struct failure *failure) MUST_USE;
void witness_database_close(struct witness_database *database);

/* It as the interface the rules want; valid as long as it is open. */
struct witness_store
witness_database_store(struct witness_database *database);
