// Needs a function that nobody has.
extern "C" int nobody_has_this_function();
extern "C" int answer() {
  return nobody_has_this_function();
}
