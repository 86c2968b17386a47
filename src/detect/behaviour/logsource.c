/* SPDX-License-Identifier: Apache-2.0 */
/* Which events a rule is about, in the words of Sigma, Zeek and Suricata. */
#include "detect/behaviour/internal.h"

static const struct {
    const char *name;
    enum event_type type;
} services[] = {
    { "conn", EVENT_FLOW },          { "connection", EVENT_FLOW },
    { "netflow", EVENT_FLOW },       { "ssl", EVENT_TLS },
    { "x509", EVENT_TLS },           { "files", EVENT_FILE },
    { "file", EVENT_FILE },          { "weird", EVENT_ANOMALY },
    { "mqtt_connect", EVENT_MQTT },  { "mqtt_publish", EVENT_MQTT },
    { "mqtt_subscribe", EVENT_MQTT }, { "known_devices", EVENT_DEVICE },
    { "known_hosts", EVENT_DEVICE }, { "auth", EVENT_LOGIN },
}, categories[] = {
    { "dns", EVENT_DNS },
    { "proxy", EVENT_HTTP },
    { "webserver", EVENT_HTTP },
    { "network_connection", EVENT_FLOW },
    { "firewall", EVENT_FLOW },
    { "authentication", EVENT_LOGIN },
};

static bool find_service(struct bytes name, enum event_type *type)
{
    enum event_type found = event_type_find(name);

    for (size_t i = 0; found == EVENT_TYPE_COUNT && i < COUNT_OF(services);
         i++)
        if (bytes_equal(bytes_of_text(services[i].name), name))
            found = services[i].type;
    if (found == EVENT_TYPE_COUNT)
        return false;
    *type = found;
    return true;
}

static bool find_category(struct bytes name, enum event_type *type)
{
    for (size_t i = 0; i < COUNT_OF(categories); i++) {
        if (bytes_equal(bytes_of_text(categories[i].name), name)) {
            *type = categories[i].type;
            return true;
        }
    }
    return find_service(name, type);
}

static bool refuse_service(struct place *place, const struct yaml_node *node)
{
    const char *names[EVENT_TYPE_COUNT + COUNT_OF(services)];
    size_t count = 0;

    for (size_t i = 0; i < EVENT_TYPE_COUNT; i++)
        names[count++] = event_type_name((enum event_type)i);
    for (size_t i = 0; i < COUNT_OF(services); i++)
        names[count++] = services[i].name;
    const char *near = nearest_name(node->text, names, count);
    return place_refuse(place, node->line,
                        "there are no events for %s %s%s%s%s",
                        (const char *)node->key.data,
                        place_quote(place, node->text),
                        near ? "; did you mean \"" : "", near ? near : "",
                        near ? "\"?" : "");
}

static bool suits_product(struct place *place, const struct yaml_node *product)
{
    if (!product || yaml_is_text(product, "zeek") ||
        yaml_is_text(product, "suricata") || yaml_is_text(product, "tenet"))
        return true;
    return place_refuse(place, product->line,
                        "records of product %s are not seen on a network; "
                        "zeek, suricata and tenet are",
                        place_quote(place, product->text));
}

static bool is_text_or_absent(struct place *place,
                              const struct yaml_node *node)
{
    if (!node || node->kind == YAML_SCALAR)
        return true;
    return place_refuse(place, node->line,
                        "the parts of logsource are words");
}

/* With both, the category must hold the service: "network" holds all. */
static bool read_both(struct place *place, const struct yaml_node *category,
                      const struct yaml_node *service, enum event_type *type)
{
    enum event_type of_category;

    if (!find_service(service->text, type))
        return refuse_service(place, service);
    if (!category || yaml_is_text(category, "network"))
        return true;
    if (!find_category(category->text, &of_category))
        return refuse_service(place, category);
    if (of_category == *type)
        return true;
    return place_refuse(place, service->line,
                        "category %s has no service %s",
                        place_quote(place, category->text),
                        place_quote(place, service->text));
}

bool logsource_read(struct place *place, const struct yaml_node *node,
                    enum event_type *type)
{
    const struct yaml_node *category = yaml_find(node, "category");
    const struct yaml_node *service = yaml_find(node, "service");
    const struct yaml_node *product = yaml_find(node, "product");

    if (node->kind != YAML_MAP)
        return place_refuse(place, node->line, "logsource must be a map");
    if (!is_text_or_absent(place, category) ||
        !is_text_or_absent(place, service) ||
        !is_text_or_absent(place, product) || !suits_product(place, product))
        return false;
    if (service)
        return read_both(place, category, service, type);
    if (!category)
        return place_refuse(place, node->line,
                            "logsource needs a service, like dns or flow, "
                            "or a category");
    if (find_category(category->text, type))
        return true;
    return refuse_service(place, category);
}
