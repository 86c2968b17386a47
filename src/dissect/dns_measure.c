/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dns_measure.h"

#include "base/compiler.h"
#include "dissect/dns_message.h"

/* n * log2(n) for n up to the longest label: no two mathematics libraries can
 * then disagree on the last bit. */
static const double n_log2_n[DNS_LABEL_MAX + 1] = {
    0.0, 0.0, 2.0, 4.7548875021634682, 8.0, 11.60964047443681,
    15.509775004326936, 19.651484454403228, 24.0, 28.529325012980809,
    33.219280948873624, 38.053747805010268, 43.019550008653873,
    48.105716335834195, 53.302968908806456, 58.603358934127783, 64.0,
    69.486868301255768, 75.058650025961612, 80.710622755428119,
    86.438561897747249, 92.23866587835397, 98.107495610020536,
    104.0419249893113, 110.03910001730775, 116.09640474436812,
    122.21143267166839, 128.38196255841365, 134.6059378176129,
    140.88144885869957, 147.20671786825557, 153.58008562199313, 160.0,
    166.46500593882897, 172.97373660251154, 179.52490559307381,
    186.11730005192322, 192.74977452827116, 199.42124551085624,
    206.13068653562769, 212.8771237954945, 219.65963218934144,
    226.47733175670794, 233.3293844521902, 240.21499122004107,
    247.13338933483536, 254.0838499786226, 261.06567602884894,
    268.07820003461552, 275.12078236164518, 282.1928094887362,
    289.29369244054624, 296.42286534333675, 303.57978409184955,
    310.76392511682729, 317.97478424385628, 325.21187563522579,
    332.47473080739024, 339.76289771739914, 347.07593991234864,
    354.41343573651113, 361.7749775913361, 369.16017124398627,
    376.56863518049477,
};

/* H = log2(N) - (1/N) sum(c log2 c), over the counts c of the N bytes. */
double dns_label_entropy(struct bytes label)
{
    uint8_t counts[256] = { 0 };
    double sum = 0;

    label = bytes_slice(label, 0, DNS_LABEL_MAX);
    if (label.size == 0)
        return 0;
    for (size_t i = 0; i < label.size; i++)
        counts[label.data[i]]++;
    for (size_t i = 0; i < label.size; i++) {
        sum += n_log2_n[counts[label.data[i]]];
        counts[label.data[i]] = 0;
    }
    return (n_log2_n[label.size] - sum) / (double)label.size;
}

/* Where the label before position `end` begins; dots inside labels are
 * escaped, and so no separators. */
static size_t label_before(struct bytes name, size_t end)
{
    while (end > 0 && (name.data[end - 1] != '.' ||
                       (end > 1 && name.data[end - 2] == '\\')))
        end--;
    return end;
}

static bool is_shared_suffix(struct bytes label)
{
    static const char *const labels[] = {
        "co", "com", "org", "net", "ac", "gov", "edu", "gob", "or", "ne",
        "go", "mil", "id",
    };

    for (size_t i = 0; i < COUNT_OF(labels); i++)
        if (bytes_equal_nocase(label, bytes_of_text(labels[i])))
            return true;
    return false;
}

struct bytes dns_parent_domain(struct bytes name)
{
    size_t last = label_before(name, name.size);
    if (last == 0)
        return name;
    size_t second = label_before(name, last - 1);
    bool is_country = name.size - last == 2;
    if (second > 0 && is_country &&
        is_shared_suffix(bytes_slice(name, second, last - 1 - second)))
        second = label_before(name, second - 1);
    return bytes_slice(name, second, name.size);
}
