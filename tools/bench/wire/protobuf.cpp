// The peer: protobuf of Debian, the same messages, the same questions on standard input.
// Like the Swift side, each call makes what it returns anew; "reused" keeps message and string.
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <time.h>

#include "messages.pb.h"

struct Content {
    uint64_t state;
    uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    }
    int roll(uint64_t sides) { return static_cast<int>(next() % sides); }
    std::string text(size_t length) {
        static const char* words[] = {
            "the", "model", "answers", "with", "latency", "of", "a", "service", "mesh",
            "na\xc3\xafve", "that", "streams", "tokens", "over", "HTTP/2", "\n", "\"quoted\"",
            "and", "returns", "quickly"};
        std::string text;
        while (text.size() < length) {
            text += words[roll(20)];
            text += " ";
        }
        return text;
    }
};

static const std::string id("\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8", 16);

static bench::Envelope envelope() {
    Content content{88172645463325252ull};
    bench::Envelope message;
    message.set_id(id);
    message.set_method("inference.v1.Chat/Complete");
    message.set_method_id(4711);
    message.set_deadline(1764000000.25);
    message.set_trace_hi(content.next());
    message.set_trace_lo(content.next());
    message.set_span_id(content.next());
    std::string token;
    for (int i = 0; i < 6; i++) token += "eyJhbGciOiJFZERTQSJ9";
    message.set_auth_token(token);
    std::string payload;
    for (int i = 0; i < 256; i++) payload.push_back(static_cast<char>(content.next()));
    message.set_payload(payload);
    return message;
}

static bench::ChatRequest chat() {
    Content content{99};
    bench::ChatRequest message;
    message.set_model("llama-70b-instruct");
    auto* system = message.add_messages();
    system->set_role(bench::SYSTEM);
    system->set_content(content.text(1200));
    for (int i = 0; i < 29; i++) {
        auto* next = message.add_messages();
        size_t length = 50 + content.roll(2000);
        next->set_role(i & 1 ? bench::ASSISTANT : bench::USER);
        next->set_content(content.text(length));
        if (i % 7 == 0) next->set_name("alice");
    }
    message.set_temperature(0.7);
    message.set_max_tokens(1024);
    message.set_stream(true);
    message.add_stop("</s>");
    message.add_stop("<|eot|>");
    return message;
}

static bench::TokenEvent token() {
    bench::TokenEvent message;
    message.set_stream_id(0xDEADBEEF12345);
    message.set_index(371);
    message.set_token(" latency");
    message.set_logprob(-0.53125f);
    return message;
}

static bench::EventBatch batch() {
    Content content{7};
    const char* names[] = {"page_view", "click", "purchase", "signup_completed", "token_streamed"};
    const char* countries[] = {"DE", "US", nullptr, "JP"};
    bench::EventBatch message;
    message.set_source("gateway-eu-1");
    for (int i = 0; i < 1000; i++) {
        auto* event = message.add_events();
        event->set_name(names[content.roll(5)]);
        event->set_user_id(content.next() >> 20);
        event->set_ts(1764000000000ll + i);
        event->set_value(content.roll(100000) / 7.0);
        event->set_ok((content.next() & 1) == 0);
        if (const char* country = countries[content.roll(4)]) event->set_country(country);
    }
    return message;
}

static bench::Chunk chunk() {
    Content content{5};
    bench::Chunk message;
    message.set_id(id);
    message.set_offset(7 << 20);
    message.set_last(false);
    std::string data;
    for (int i = 0; i < 1 << 20; i++) data.push_back(static_cast<char>(content.next() >> 8));
    message.set_data(data);
    return message;
}

// Does the work a number of times, with the loop inside as on the Swift side.
using Work = std::function<size_t(long)>;

template <typename Value>
static void keep(Value& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

template <typename Message>
static void add(std::map<std::string, Work>& works, const std::string& name, Message message) {
    std::string bytes;
    message.SerializeToString(&bytes);
    works[name + " protobuf encode"] = [=](long times) {
        for (long i = 0; i < times; i++) {
            std::string target;
            message.SerializeToString(&target);
            keep(target);
        }
        return bytes.size();
    };
    works[name + " protobuf decode"] = [=](long times) {
        for (long i = 0; i < times; i++) {
            Message target;
            if (!target.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) abort();
            keep(target);
        }
        return bytes.size();
    };
    works[name + " reused encode"] = [=](long times) {
        std::string kept;
        for (long i = 0; i < times; i++) {
            message.SerializeToString(&kept);
            keep(kept);
        }
        return bytes.size();
    };
    works[name + " reused decode"] = [=](long times) {
        Message kept;
        for (long i = 0; i < times; i++) {
            if (!kept.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) abort();
            keep(kept);
        }
        return bytes.size();
    };
}

static double processor_time() {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

int main() {
    std::map<std::string, Work> works;
    add(works, "envelope", envelope());
    add(works, "chat", chat());
    add(works, "token", token());
    add(works, "batch", batch());
    add(works, "blob", chunk());
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string message, codec, way;
        int window = 0;
        words >> message >> codec >> way >> window;
        auto found = works.find(message + " " + codec + " " + way);
        if (found == works.end()) {
            std::cout << "unknown" << std::endl;
            continue;
        }
        size_t bytes = 0;
        long times = 1;
        while (true) {
            double start = processor_time();
            bytes = found->second(times);
            double spent = processor_time() - start;
            if (spent >= window * 1e6) {
                std::cout << spent / times << " " << bytes << std::endl;
                break;
            }
            double share = std::max(spent / (window * 1e6), 0.05);
            times = std::max(times + 1, static_cast<long>(times / share * 1.05));
        }
    }
}
