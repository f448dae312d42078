// SPDX-License-Identifier: MIT
/*
 * Socket addresses, whose family says what follows.
 *
 * Each decoder below gets a whole address structure, zeroed where the process gave
 * fewer bytes; `length` says how many are its own.
 */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "explain/decoder.h"

#define SOCKADDR_MEMBERS 6

union address {
	uint8_t bytes[sizeof(struct sockaddr_storage)];
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_nl nl;
	struct sockaddr_ll ll;
	struct sockaddr_vm vm;
};

struct sockaddr_text {
	struct decoder *decoder;
	const struct datum *datum;
	struct callgate_explain_value *members;
	size_t count;
};

static struct callgate_explain_value *add(struct sockaddr_text *text, const char *name,
					  uint64_t number)
{
	struct callgate_explain_value *value = &text->members[text->count++];

	*value = (struct callgate_explain_value){
		.kind = CALLGATE_EXPLAIN_NUMBER,
		.name = name,
		.number = number,
		.from_memory = true,
	};
	value_printf(text->decoder, value, "%llu", (unsigned long long)number);
	return value;
}

static void add_port(struct sockaddr_text *text, const char *name, uint16_t port)
{
	struct callgate_explain_value *value = add(text, name, ntohs(port));

	value_printf(text->decoder, value, "htons(%u)", ntohs(port));
}

static void add_bytes(struct sockaddr_text *text, const char *name, const char *bytes,
		      size_t length)
{
	struct callgate_explain_value *value = add(text, name, 0);

	value->kind = CALLGATE_EXPLAIN_STRING;
	value->bytes = arena_copy(text->decoder->arena, (struct str){ bytes, length });
	value->length = value->bytes ? length : 0;
	value_quote(text->decoder, value, "");
}

/* An abstract name begins with NUL and has no end but the address's. */
static void print_unix(struct sockaddr_text *text, const union address *address,
		       size_t length)
{
	const char *path = address->un.sun_path;
	size_t size = length - offsetof(struct sockaddr_un, sun_path);

	if (length <= offsetof(struct sockaddr_un, sun_path))
		return;
	if (size > sizeof(address->un.sun_path))
		size = sizeof(address->un.sun_path);
	if (path[0] == 0) {
		add_bytes(text, "sun_path", path + 1, size - 1);
		value_quote(text->decoder, &text->members[text->count - 1], "@");
	} else {
		add_bytes(text, "sun_path", path, strnlen(path, size));
	}
}

static void print_inet(struct sockaddr_text *text, const union address *address,
		       size_t length)
{
	char name[INET_ADDRSTRLEN];

	(void)length;
	inet_ntop(AF_INET, &address->in.sin_addr, name, sizeof(name));
	add_port(text, "sin_port", address->in.sin_port);
	add_bytes(text, "sin_addr", name, strlen(name));
	value_printf(text->decoder, &text->members[text->count - 1],
		     "inet_addr(\"%s\")", name);
}

static void print_inet6(struct sockaddr_text *text, const union address *address,
			size_t length)
{
	char name[INET6_ADDRSTRLEN];
	struct callgate_explain_value *value;

	(void)length;
	inet_ntop(AF_INET6, &address->in6.sin6_addr, name, sizeof(name));
	add_port(text, "sin6_port", address->in6.sin6_port);
	value = add(text, "sin6_flowinfo", ntohl(address->in6.sin6_flowinfo));
	value_printf(text->decoder, value, "htonl(%u)",
		     ntohl(address->in6.sin6_flowinfo));
	add_bytes(text, "sin6_addr", name, strlen(name));
	add(text, "sin6_scope_id", address->in6.sin6_scope_id);
}

static void print_netlink(struct sockaddr_text *text, const union address *address,
			  size_t length)
{
	struct callgate_explain_value *value;

	(void)length;
	add(text, "nl_pid", address->nl.nl_pid);
	value = add(text, "nl_groups", address->nl.nl_groups);
	value_printf(text->decoder, value, "%08x", address->nl.nl_groups);
}

static void print_packet(struct sockaddr_text *text, const union address *address,
			 size_t length)
{
	struct callgate_explain_value *value;
	uint16_t protocol = ntohs(address->ll.sll_protocol);

	(void)length;
	value = add(text, "sll_protocol", protocol);
	value_printf(text->decoder, value, "htons(0x%x)", protocol);
	add(text, "sll_ifindex", (uint32_t)address->ll.sll_ifindex);
}

static void print_vsock(struct sockaddr_text *text, const union address *address,
			size_t length)
{
	(void)length;
	add(text, "svm_cid", address->vm.svm_cid);
	add(text, "svm_port", address->vm.svm_port);
}

static void print_other(struct sockaddr_text *text, const union address *address,
			size_t length)
{
	size_t header = offsetof(struct sockaddr, sa_data);

	if (length > header)
		add_bytes(text, "sa_data", (const char *)address->bytes + header,
			  length - header);
}

static const struct printer {
	uint16_t family;
	uint16_t least; /* bytes without which it says nothing */
	void (*print)(struct sockaddr_text *text, const union address *address,
		      size_t length);
} printers[] = {
	{ AF_UNIX, 0, print_unix },
	{ AF_INET, 8, print_inet },
	{ AF_INET6, 24, print_inet6 },
	{ AF_NETLINK, sizeof(struct sockaddr_nl), print_netlink },
	{ AF_PACKET, 8, print_packet },
	{ AF_VSOCK, 12, print_vsock },
};

static const struct printer *printer_of(uint16_t family, size_t length)
{
	static const struct printer other = { 0, 0, print_other };

	for (size_t i = 0; i < sizeof(printers) / sizeof(printers[0]); i++)
		if (printers[i].family == family && length >= printers[i].least)
			return &printers[i];
	return &other;
}

static void add_family(struct sockaddr_text *text, uint16_t family)
{
	struct datum datum = { .name = "sa_family",
			       .family = "af",
			       .number = family,
			       .bits = 16,
			       .from_memory = true };

	render_number(text->decoder, &datum, &text->members[text->count++]);
}

void render_sockaddr(struct decoder *decoder, const struct datum *datum,
		     struct callgate_explain_value *ret_value)
{
	union address address = { .bytes = { 0 } };
	bool is_cut;
	size_t size = decoder_measure(datum, sizeof(address), &is_cut);
	size_t length = decoder_read(decoder, datum->number, &address, size);
	struct sockaddr_text text = { decoder, datum, NULL, 0 };
	uint16_t family = address.any.sa_family;

	text.members = ARENA_ARRAY(decoder->arena, struct callgate_explain_value,
				   SOCKADDR_MEMBERS);
	if (length < sizeof(family) || !text.members) {
		render_address(decoder, datum, ret_value);
		return;
	}
	*ret_value = value_of(datum, CALLGATE_EXPLAIN_STRUCTURE);
	ret_value->from_memory = true;
	ret_value->cut = length < size;
	add_family(&text, family);
	printer_of(family, length)->print(&text, &address, length);
	ret_value->members = text.members;
	ret_value->count = text.count;
	value_join(decoder, ret_value);
}
