/* Memory for Values: blocks of one size, cut from chunks of 2 MiB.
 *
 * Python takes memory from the system in pieces of 4 KiB pages, and gives it back with the graph. A
 * large graph then spends as long in the kernel, which hands out each page at its first touch, as in
 * the engine. A chunk is one huge page where the system has them: one fault instead of 512.
 *
 * Elsewhere, without the global lock, or where PYTHONMALLOC asks for an allocator, Python's holds.
 */
#include <Python.h>

static const Py_ssize_t stepgrad_block; /* the size of a Value; what is larger or smaller stays out */

#if defined(__linux__) && !defined(Py_GIL_DISABLED)

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STEPGRAD_CHUNK ((size_t)1 << 21)

/* Empty chunks wait for the next graph: as many stay as they are, and the system may take the pages
 * of the others when it runs short, but not before, which would cost a first touch again. */
#define STEPGRAD_WARM 8

/* The head of a chunk; its blocks follow. */
typedef struct stepgrad_chunk {
    struct stepgrad_chunk *next, *previous; /* among the chunks with room */
    void *freed;                            /* blocks to use again, each pointing to the next */
    char *fresh;                            /* where the blocks begin that were never used */
    Py_ssize_t used;
} stepgrad_chunk;

static stepgrad_chunk *stepgrad_roomy = NULL;
static stepgrad_chunk **stepgrad_spare = NULL; /* a stack, apart: a page that is taken is forgotten */
static size_t stepgrad_spares = 0, stepgrad_places = 0;

static inline int stepgrad_has_chunks(void) {
    static int has = -1;
    if (has < 0) {
        const char *wish = getenv("PYTHONMALLOC");
        has = wish == NULL || wish[0] == '\0' || strcmp(wish, "default") == 0;
    }
    return has;
}

static inline int stepgrad_is_full(stepgrad_chunk *chunk) {
    return chunk->freed == NULL && chunk->fresh + stepgrad_block > (char *)chunk + STEPGRAD_CHUNK;
}

static inline void stepgrad_link(stepgrad_chunk *chunk) {
    chunk->previous = NULL;
    chunk->next = stepgrad_roomy;
    if (stepgrad_roomy != NULL) stepgrad_roomy->previous = chunk;
    stepgrad_roomy = chunk;
}

static inline void stepgrad_unlink(stepgrad_chunk *chunk) {
    if (chunk->previous != NULL) chunk->previous->next = chunk->next;
    else stepgrad_roomy = chunk->next;
    if (chunk->next != NULL) chunk->next->previous = chunk->previous;
}

/* Return a chunk from the system, aligned to its size, so that a block's address tells its chunk. */
static stepgrad_chunk *stepgrad_map(void) {
    char *start = mmap(NULL, 2 * STEPGRAD_CHUNK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return NULL;
    size_t before = -(uintptr_t)start & (STEPGRAD_CHUNK - 1);
    if (before != 0) munmap(start, before);
    start += before;
    munmap(start + STEPGRAD_CHUNK, STEPGRAD_CHUNK - before);
#ifdef MADV_HUGEPAGE
    madvise(start, STEPGRAD_CHUNK, MADV_HUGEPAGE);
#endif
    return (stepgrad_chunk *)start;
}

static stepgrad_chunk *stepgrad_new_chunk(void) {
    stepgrad_chunk *chunk = stepgrad_spares ? stepgrad_spare[--stepgrad_spares] : stepgrad_map();
    if (chunk == NULL) return NULL;
    chunk->freed = NULL;
    chunk->fresh = (char *)chunk + ((sizeof(stepgrad_chunk) + 15) & ~(size_t)15);
    chunk->used = 0;
    stepgrad_link(chunk);
    return chunk;
}

static void stepgrad_put_by(stepgrad_chunk *chunk) {
    if (stepgrad_spares == stepgrad_places) {
        size_t places = 2 * stepgrad_places + STEPGRAD_WARM;
        void *stack = PyMem_RawRealloc(stepgrad_spare, places * sizeof(stepgrad_chunk *));
        if (stack == NULL) {
            munmap(chunk, STEPGRAD_CHUNK);
            return;
        }
        stepgrad_spare = stack;
        stepgrad_places = places;
    }
#ifdef MADV_FREE
    if (stepgrad_spares >= STEPGRAD_WARM) madvise(chunk, STEPGRAD_CHUNK, MADV_FREE);
#endif
    stepgrad_spare[stepgrad_spares++] = chunk;
}

static inline PyObject *stepgrad_alloc(PyTypeObject *type, Py_ssize_t items) {
    if (type->tp_basicsize != stepgrad_block || !stepgrad_has_chunks())
        return PyType_GenericAlloc(type, items);
    stepgrad_chunk *chunk = stepgrad_roomy;
    if (chunk == NULL && (chunk = stepgrad_new_chunk()) == NULL) return PyErr_NoMemory();
    void *block = chunk->freed;
    if (block != NULL) {
        chunk->freed = *(void **)block;
    } else {
        block = chunk->fresh;
        chunk->fresh += stepgrad_block;
    }
    chunk->used++;
    if (stepgrad_is_full(chunk)) stepgrad_unlink(chunk);
    PyTraceMalloc_Track(0, (uintptr_t)block, stepgrad_block);
    memset(block, 0, stepgrad_block);
    return PyObject_Init(block, type);
}

static inline void stepgrad_free(void *block) {
    if (Py_TYPE((PyObject *)block)->tp_basicsize != stepgrad_block || !stepgrad_has_chunks()) {
        PyObject_Free(block);
        return;
    }
    PyTraceMalloc_Untrack(0, (uintptr_t)block);
    stepgrad_chunk *chunk = (stepgrad_chunk *)((uintptr_t)block & ~(uintptr_t)(STEPGRAD_CHUNK - 1));
    if (stepgrad_is_full(chunk)) stepgrad_link(chunk);
    *(void **)block = chunk->freed;
    chunk->freed = block;
    if (--chunk->used > 0) return;
    stepgrad_unlink(chunk);
    stepgrad_put_by(chunk);
}

#else

#define stepgrad_alloc PyType_GenericAlloc
#define stepgrad_free PyObject_Free

#endif
