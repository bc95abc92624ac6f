/* The HTTP layer against a raw socket: good, bad, slow and hostile clients. */
#include "host/http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define BODY_LIMIT 1000u
#define PATIENCE_S 120 /* for what must happen */

static struct http_server *server;
static struct message why;
static char reply[1 << 16];

/* ---- what is served ---- */

static void echo(const struct http_request *request, struct http_response *response, void *context)
{
    (void)context;
    http_reply_header(response, "X-Good", "yes");
    http_reply_header(response, "X-Bad", "a\r\nX-Injected: 1");
    http_reply_json(response, 200,
                    json_pack("{s:s, s:s, s:s#, s:i}", "method", request->method, "name",
                              request->captures[0], "body",
                              request->body ? (const char *)request->body : "", request->body_bytes,
                              "x", http_parameter_true(request, "x")));
}

static void say_nothing(const struct http_request *request, struct http_response *response,
                        void *context)
{
    (void)request;
    (void)response;
    (void)context;
}

static void big(const struct http_request *request, struct http_response *response, void *context)
{
    size_t bytes = 8u << 20;

    (void)request;
    (void)context;
    http_reply_bytes(response, 200, "application/octet-stream", calloc(1, bytes), bytes);
}

static pthread_barrier_t entered, leave;

static void wait_for_test(const struct http_request *request, struct http_response *response,
                          void *context)
{
    (void)request;
    (void)context;
    pthread_barrier_wait(&entered);
    pthread_barrier_wait(&leave);
    http_reply_text(response, 200, "finished");
}

static const struct http_route routes[] = {
    {"POST", "/echo/{}", echo, 0},
    {"GET", "/echo/{}", echo, 0},
    {"POST", "/large/{}", echo, 1 << 20},
    {"GET", "/nothing", say_nothing, 0},
    {"GET", "/big", big, 0},
    {"GET", "/wait", wait_for_test, 0},
    {NULL, NULL, NULL, 0},
};
static const struct http_route *const tables[] = {routes, NULL};
static const struct http_pair headers[] = {{"Access-Control-Allow-Origin", "*"}, {NULL, NULL}};

/* `transfer_s`: for slow clients; others are never slow on however slow a machine. */
static void start_with(unsigned connections, unsigned transfer_s)
{
    struct http_options options = {.listen = "127.0.0.1:0",
                                   .routes = tables,
                                   .headers = headers,
                                   .body_limit = BODY_LIMIT,
                                   .header_limit = 8192,
                                   .connections = connections,
                                   .idle_s = PATIENCE_S,
                                   .transfer_s = transfer_s};

    if (http_start(&options, &server, &why) != ST_OK)
        fail_msg("%s", why.text);
}

static void start(unsigned connections)
{
    start_with(connections, PATIENCE_S);
}

static void stop(void)
{
    http_stop(server, 1000);
}

/* ---- a client ---- */

static int connect_to_server(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_port(server)),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval limit = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    return fd;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until the end of the stream. */
static void read_reply(int fd)
{
    size_t have = 0;
    ssize_t n;

    while ((n = recv(fd, reply + have, sizeof(reply) - 1 - have, 0)) > 0)
        have += (size_t)n;
    reply[have] = 0;
    close(fd);
}

static void ask(const char *request)
{
    int fd = connect_to_server();

    send_text(fd, request);
    read_reply(fd);
}

static void expect(const char *part)
{
    if (!strstr(reply, part))
        fail_msg("no '%s' in: %s", part, reply);
}

static void expect_status(const char *request, const char *status)
{
    ask(request);
    if (strncmp(reply, "HTTP/1.1 ", 9) != 0 || strncmp(reply + 9, status, 3) != 0)
        fail_msg("not %s: %s", status, reply);
}

#define CLOSE "Host: x\r\nConnection: close\r\n"

/* ---- tests ---- */

static void answers(void **state)
{
    (void)state;
    start(0);
    expect_status("POST /echo/a%20b?x=true HTTP/1.1\r\n" CLOSE
                  "X-Request-ID: my-id\r\nContent-Length: 2\r\n\r\nhi",
                  "200");
    expect("Content-Length: 48\r\n");
    expect("X-Request-ID: my-id\r\n");
    expect("Access-Control-Allow-Origin: *\r\n");
    expect("X-Good: yes\r\n");
    assert_null(strstr(reply, "Injected"));
    expect("{\"method\":\"POST\",\"name\":\"a b\",\"body\":\"hi\",\"x\":1}");
    expect_status("POST /echo/a HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n"
                  "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
                  "200");
    expect("\"abc\"");
    expect_status("HEAD /echo/a HTTP/1.1\r\n" CLOSE "\r\n", "200");
    stop();
}

static void refuses(void **state)
{
    char text[4096];

    (void)state;
    start(0);
    expect_status("GET /none HTTP/1.1\r\n" CLOSE "X-Request-ID: t1\r\n\r\n", "404");
    expect("{\"error\":\"The requested resource does not exist.\",\"code\":\"t1\"}");
    expect_status("DELETE /echo/a HTTP/1.1\r\n" CLOSE "\r\n", "405");
    expect("Allow: POST, GET\r\n");
    expect_status("GET /echo/%zz HTTP/1.1\r\n" CLOSE "\r\n", "400");
    expect_status("GET /nothing HTTP/1.1\r\n" CLOSE "\r\n", "500");
    expect_status("POST /echo/a HTTP/1.1\r\n" CLOSE "Content-Length: 1001\r\n\r\n", "413");
    expect("more than 1000 bytes");
    expect_status("POST /echo/a HTTP/1.1\r\n" CLOSE "Content-Length: -1\r\n\r\n", "400");
    snprintf(text, sizeof(text),
             "POST /echo/a HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n"
             "3e9\r\n%01001d\r\n0\r\n\r\n",
             0);
    expect_status(text, "413");
    expect_status("GET /echo/a HTTP/1.1\r\n" CLOSE "X-Request-ID: a\x01b\r\n\r\n", "200");
    assert_null(strstr(reply, "\x01"));
    stop();
}

static void garbage(void **state)
{
    static const char *const garbage[] = {
        "\r\n\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /echo/a HTTP/1.1\r\n: \r\n\r\n",
        "POST /echo/a HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"};

    (void)state;
    start(0);
    for (size_t i = 0; i < sizeof(garbage) / sizeof(*garbage); i++) {
        int fd = connect_to_server();

        send_text(fd, garbage[i]);
        shutdown(fd, SHUT_WR);
        read_reply(fd);
        assert_null(strstr(reply, "200 OK"));
    }
    expect_status("GET /echo/a HTTP/1.1\r\n" CLOSE "\r\n", "200");
    stop();
}

static void header_flood(void **state)
{
    static char text[1 << 15];

    (void)state;
    start(0);
    strcpy(text, "GET /echo/a HTTP/1.1\r\n" CLOSE);
    for (unsigned i = 0; i < 600; i++)
        sprintf(text + strlen(text), "X-Flood-%u: aaaaaaaaaaaaaaa\r\n", i);
    strcat(text, "\r\n");
    ask(text);
    assert_null(strstr(reply, "200 OK"));
    expect_status("GET /echo/a HTTP/1.1\r\n" CLOSE "\r\n", "200");
    stop();
}

/* More half-open and slow connections than there may be: they are cut off, others are served. */
static void slow_clients(void **state)
{
    int slow[8], tries = 0;

    (void)state;
    start_with(8, 1);
    for (unsigned i = 0; i < 8; i++) {
        slow[i] = connect_to_server();
        send_text(slow[i], i % 2
                               ? "POST /echo/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab"
                               : "GET /ec");
    }
    for (unsigned i = 0; i < 8; i++) { /* blocks until the server has had enough */
        char byte;
        ssize_t n;

        while ((n = recv(slow[i], &byte, 1, 0)) > 0)
            ;
        assert_true(n == 0 || errno == ECONNRESET);
        close(slow[i]);
    }
    do /* this one may be slow as well, if the machine is */
        ask("GET /echo/a HTTP/1.1\r\n" CLOSE "\r\n");
    while (strncmp(reply, "HTTP/1.1 200", 12) != 0 && ++tries < 60);
    expect("HTTP/1.1 200");
    stop();
}

/* A client that never reads its 8 MiB does not keep the server from stopping. */
static void never_reads(void **state)
{
    int fd;

    (void)state;
    start(0);
    fd = connect_to_server();
    send_text(fd, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    stop();
    close(fd);
}

static void *stop_in_background(void *argument)
{
    (void)argument;
    http_stop(server, PATIENCE_S * 1000);
    return NULL;
}

static void stopping_finishes_requests(void **state)
{
    pthread_t stopper;
    int fd;

    (void)state;
    pthread_barrier_init(&entered, NULL, 2);
    pthread_barrier_init(&leave, NULL, 2);
    start(0);
    fd = connect_to_server();
    send_text(fd, "GET /wait HTTP/1.1\r\n" CLOSE "\r\n");
    pthread_barrier_wait(&entered);
    pthread_create(&stopper, NULL, stop_in_background, NULL);
    pthread_barrier_wait(&leave);
    read_reply(fd);
    expect("finished");
    pthread_join(stopper, NULL);
}

static void bad_options(void **state)
{
    static const char *const bad[] = {"",
                                      "3233",
                                      "localhost:1",
                                      "1.2.3.4.5:1",
                                      "127.0.0.1:99999",
                                      "unix:",
                                      "unix:/no/such/dir/s"};
    struct http_options options = {.routes = tables};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        options.listen = bad[i];
        assert_int_not_equal(http_start(&options, &server, &why), ST_OK);
        assert_true(why.text[0] != 0);
    }
    options.listen = "127.0.0.1:0";
    options.tls_cert = "/dev/null";
    assert_int_equal(http_start(&options, &server, &why), ST_INVALID_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(refuses),
        cmocka_unit_test(garbage),
        cmocka_unit_test(header_flood),
        cmocka_unit_test(slow_clients),
        cmocka_unit_test(never_reads),
        cmocka_unit_test(stopping_finishes_requests),
        cmocka_unit_test(bad_options),
    };

    return cmocka_run_group_tests_name("http-server", tests, NULL, NULL);
}
