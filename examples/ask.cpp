// SPDX-License-Identifier: MIT
/*
 * In C++: objects own what the library hands out, errors are exceptions. Reads a policy
 * and answers what happens to calls.
 *
 *     ask POLICY CALL...
 */
#include <callgate.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

template <typename T, void (*Free)(T *)> struct Owner {
	struct Deleter {
		void operator()(T *object) const { Free(object); }
	};
	using Pointer = std::unique_ptr<T, Deleter>;
};

using Diagnostics =
	Owner<callgate_diagnostics, callgate_diagnostics_free>::Pointer;
using Policy = Owner<callgate_policy, callgate_policy_free>::Pointer;
using Filter = Owner<callgate_filter, callgate_filter_free>::Pointer;

struct Freed {
	void operator()(char *text) const { std::free(text); }
};
using Text = std::unique_ptr<char, Freed>;

void check(int error, const callgate_diagnostics *diagnostics)
{
	std::string message = "error " + std::to_string(-error);

	if (error == 0)
		return;
	for (size_t i = 0; i < callgate_diagnostics_count(diagnostics); i++) {
		const callgate_diagnostic *one = callgate_diagnostics_at(diagnostics, i);

		if (one->severity == CALLGATE_ERROR)
			message = one->message;
	}
	throw std::runtime_error(message);
}

class Fence {
    public:
	explicit Fence(const std::string &text) : diagnostics(callgate_diagnostics_new())
	{
		callgate_policy *parsed = nullptr;
		callgate_filter *compiled = nullptr;

		check(callgate_policy_parse(text.data(), text.size(), nullptr,
					    diagnostics.get(), &parsed),
		      diagnostics.get());
		policy.reset(parsed);
		check(callgate_policy_compile(policy.get(), nullptr, diagnostics.get(),
					      &compiled),
		      diagnostics.get());
		filter.reset(compiled);
	}

	std::string ask(const std::string &call) const
	{
		callgate_answer answer;

		check(callgate_policy_ask(policy.get(), filter.get(), call.c_str(),
					  diagnostics.get(), &answer),
		      diagnostics.get());
		return text(answer.verdict.value) +
		       (answer.depends ? ", or " + text(answer.other_verdict.value) : "");
	}

    private:
	static std::string text(uint32_t verdict)
	{
		Text name(callgate_verdict_text(verdict));

		if (!name)
			throw std::bad_alloc();
		return name.get();
	}

	Diagnostics diagnostics;
	Policy policy;
	Filter filter;
};

} // namespace

int main(int argc, char **argv)
try {
	if (argc < 2)
		throw std::invalid_argument("usage: ask POLICY CALL...");
	Fence fence(argv[1]);

	for (int i = 2; i < argc; i++)
		std::cout << argv[i] << ": " << fence.ask(argv[i]) << "\n";
	return 0;
} catch (const std::exception &error) {
	std::cerr << "ask: " << error.what() << "\n";
	return 1;
}
