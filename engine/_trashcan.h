/* Deallocation without recursion for native classes that the garbage collector does not track.
 *
 * mypyc frees its objects through CPython's trashcan, which keeps the objects that wait in a list
 * threaded through their garbage collector header. An acyclic class has no such header, so the list
 * would be written over the end of some other object. Here the list is threaded through the
 * reference count instead, which a dead object no longer needs.
 */
#include <CPy.h>

#if defined(_MSC_VER)
#define STEPGRAD_THREAD_LOCAL __declspec(thread)
#else
#define STEPGRAD_THREAD_LOCAL _Thread_local
#endif

/* How deep deallocation may nest before the rest waits: far below any thread's stack. */
#define STEPGRAD_MAX_DEPTH 64

static STEPGRAD_THREAD_LOCAL PyObject *stepgrad_waiting = NULL;
static STEPGRAD_THREAD_LOCAL int stepgrad_depth = 0;

static inline int stepgrad_must_wait(PyObject *object) {
    if (stepgrad_depth < STEPGRAD_MAX_DEPTH) {
        stepgrad_depth++;
        return 0;
    }
    *(PyObject **)object = stepgrad_waiting;
    stepgrad_waiting = object;
    return 1;
}

static inline void stepgrad_free_waiting(void) {
    while (stepgrad_depth == 1 && stepgrad_waiting != NULL) {
        PyObject *object = stepgrad_waiting;
        stepgrad_waiting = *(PyObject **)object;
        *(Py_ssize_t *)object = 0;
        Py_TYPE(object)->tp_dealloc(object);
    }
    stepgrad_depth--;
}

#undef CPy_TRASHCAN_BEGIN
#undef CPy_TRASHCAN_END
#define CPy_TRASHCAN_BEGIN(op, dealloc) \
    if (stepgrad_must_wait((PyObject *)(op))) return;
#define CPy_TRASHCAN_END(op) stepgrad_free_waiting();
