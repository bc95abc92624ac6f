/* Makes the twin of the reporter measure differently, and does nothing else. */
extern const char twin[];
const char twin[16] __attribute__((used)) = "another enclave";
