/* Containers by name: for those who talk to many through one socket. */
#include "host/runtime/container.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 256u
#define ID_MAX  128u

struct item {
    struct item *next;
    char id[ID_MAX];
    struct container *container;
    unsigned users;
    bool removed;
    uint64_t used_at;
};

struct containers {
    pthread_mutex_t lock;
    struct item *buckets[BUCKETS];
    unsigned count;
    uint64_t clock;
};

struct containers *containers_new(void)
{
    struct containers *containers = calloc(1, sizeof(*containers));

    if (containers)
        pthread_mutex_init(&containers->lock, NULL);
    return containers;
}

static struct item **bucket(struct containers *containers, const char *id)
{
    unsigned hash = 5381;

    for (; *id; id++)
        hash = hash * 33 + (unsigned char)*id;
    return &containers->buckets[hash % BUCKETS];
}

static void drop(struct containers *containers, const struct runtime *runtime, struct item **link)
{
    struct item *item = *link;

    *link = item->next;
    containers->count--;
    container_release(runtime, item->container);
    container_free(item->container);
    free(item);
}

void containers_free(struct containers *containers, const struct runtime *runtime)
{
    if (!containers)
        return;
    for (unsigned i = 0; i < BUCKETS; i++)
        while (containers->buckets[i])
            drop(containers, runtime, &containers->buckets[i]);
    pthread_mutex_destroy(&containers->lock);
    free(containers);
}

/* Under the lock. */
static void drop_oldest(struct containers *containers, const struct runtime *runtime)
{
    struct item **oldest = NULL;

    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct item **link = &containers->buckets[i]; *link; link = &(*link)->next)
            if ((*link)->users == 0 && (!oldest || (*link)->used_at < (*oldest)->used_at))
                oldest = link;
    if (oldest)
        drop(containers, runtime, oldest);
}

static struct item *add(struct containers *containers, const struct runtime *runtime,
                        const char *id)
{
    struct item **head = bucket(containers, id);
    struct item *item = calloc(1, sizeof(*item));

    if (containers->count >= CONTAINERS_MAX)
        drop_oldest(containers, runtime);
    if (item)
        item->container = container_new();
    if (!item || !item->container || containers->count >= CONTAINERS_MAX) {
        if (item && item->container)
            container_free(item->container);
        free(item);
        return NULL;
    }
    strcpy(item->id, id);
    item->next = *head;
    *head = item;
    containers->count++;
    return item;
}

struct container *containers_get(struct containers *containers, const struct runtime *runtime,
                                 const char *id, bool create)
{
    struct item *item;

    if (!id[0] || strlen(id) >= ID_MAX)
        return NULL;
    pthread_mutex_lock(&containers->lock);
    item = *bucket(containers, id);
    while (item && (item->removed || strcmp(item->id, id) != 0))
        item = item->next;
    if (!item && create)
        item = add(containers, runtime, id);
    if (item) {
        item->users++;
        item->used_at = ++containers->clock;
    }
    pthread_mutex_unlock(&containers->lock);
    return item ? item->container : NULL;
}

void containers_put(struct containers *containers, const struct runtime *runtime, const char *id,
                    struct container *container)
{
    struct item **link = bucket(containers, id);

    pthread_mutex_lock(&containers->lock);
    while ((*link)->container != container)
        link = &(*link)->next;
    (*link)->users--;
    if ((*link)->removed && (*link)->users == 0)
        drop(containers, runtime, link);
    pthread_mutex_unlock(&containers->lock);
}

bool containers_remove(struct containers *containers, const struct runtime *runtime, const char *id)
{
    struct item **link = bucket(containers, id);
    bool found;

    pthread_mutex_lock(&containers->lock);
    while (*link && ((*link)->removed || strcmp((*link)->id, id) != 0))
        link = &(*link)->next;
    found = *link != NULL;
    if (found && (*link)->users == 0)
        drop(containers, runtime, link);
    else if (found)
        (*link)->removed = true; /* whoever uses it last drops it */
    pthread_mutex_unlock(&containers->lock);
    return found;
}
