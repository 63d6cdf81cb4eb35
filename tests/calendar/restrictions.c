/* What libical finds wrong in a calendar: components that do not follow RFC 5545, and lines that it cannot read. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static char *line(char *buffer, size_t size, void *file) { return fgets(buffer, (int)size, file); }

int main(int count, char **files) {
    int wrong = 0;
    for (int index = 1; index < count; index++) {
        FILE *file = fopen(files[index], "r");
        if (!file) {
            perror(files[index]);
            return 2;
        }
        icalparser *parser = icalparser_new();
        icalparser_set_gen_data(parser, file);
        icalcomponent *calendar = icalparser_parse(parser, line);
        int is_valid = calendar && icalrestriction_check(calendar);
        int errors = calendar ? icalcomponent_count_errors(calendar) : 1;
        if (!is_valid || errors) {
            printf("%s: valid %d, errors %d\n", files[index], is_valid, errors);
            if (calendar) {
                puts(icalcomponent_as_ical_string(calendar));
            }
            wrong = 1;
        }
        icalparser_free(parser);
        fclose(file);
    }
    return wrong;
}
