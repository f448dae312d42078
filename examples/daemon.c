// SPDX-License-Identifier: MIT
/*
 * A daemon that confines itself: it answers each line that a client sends with the line
 * in upper case, on a TCP port of this machine.
 *
 *     daemon [PORT]        prints the port that it listens on
 *
 * It acquires first, a socket that listens, and then gives up everything but serving.
 */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <callgate.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char policy[] = "default errno EPERM\n"
			     "allow accept4, read, close, exit_group\n"
			     "allow sendto(flags & MSG_NOSIGNAL == MSG_NOSIGNAL)\n"
			     "allow write(fd in {1, 2})\n"
			     "kill  @process, @module, @mount\n";

static int listen_on(const char *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(port)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) ||
	    listen(listener, 16) ||
	    getsockname(listener, (struct sockaddr *)&address, &length)) {
		perror("daemon");
		exit(1);
	}
	printf("%d\n", ntohs(address.sin_port));
	return listener;
}

static void confine(void)
{
	struct callgate_diagnostics *diagnostics = callgate_diagnostics_new();

	if (callgate_confine(policy, diagnostics) < 0) {
		if (callgate_diagnostics_count(diagnostics))
			fprintf(stderr, "daemon: %s\n",
				callgate_diagnostics_at(diagnostics, 0)->message);
		exit(1);
	}
	callgate_diagnostics_free(diagnostics);
}

static void serve(int client)
{
	char text[512];
	ssize_t length;

	while ((length = read(client, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < length; i++)
			text[i] = (char)toupper((unsigned char)text[i]);
		if (send(client, text, (size_t)length, MSG_NOSIGNAL) != length)
			break;
	}
	close(client);
}

int main(int argc, char **argv)
{
	int listener;

	setvbuf(stdout, NULL, _IOLBF, 0);
	listener = listen_on(argc > 1 ? argv[1] : "0");
	confine();
	if (open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 || errno != EPERM)
		abort();
	puts("confined");
	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			serve(client);
	}
}
