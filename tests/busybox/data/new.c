/* Adds, and checks that it did. */
int add(int a, int b)
{
    return a + b;
}

int main(void)
{
    int sum = add(2, 40);
    if (sum != 42)
        return 1;
    return 0;
}
